from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.errors import DomainError, NotAllowedError, NotFoundError, StaleError
from apps.core.models import OutboxEvent
from apps.staffing.choices import Coefficient, QueueModel, RequirementState
from apps.staffing.models import CoefficientSpan, RequirementVersion, StaffingTarget
from apps.staffing.selectors import active_requirement, expected_service, requirement_points
from apps.staffing.services import deriving
from apps.staffing.services.deriving import derive_requirement
from apps.workcalendar.choices import DayKind
from apps.workcalendar.models import CalendarDay, CalendarYear, ProductionCalendar
from tests.concurrency import at_once
from tests.factories.accounts import make_user
from tests.factories.forecasts import make_forecast
from tests.factories.organization import make_opening_hours, make_queue
from tests.factories.staffing import make_target

if TYPE_CHECKING:
    from apps.forecasts.models import ForecastVersion
    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
MOSCOW = dt.timezone(dt.timedelta(hours=3))
MONDAY = dt.datetime(2025, 3, 3, tzinfo=MOSCOW)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def forecast_of(queue: Queue, calls: list[float]) -> ForecastVersion:
    return make_forecast(queue, MONDAY, calls, step_s=1800, aht_s=180)


def required(forecast: ForecastVersion) -> list[int]:
    version = derive_requirement(forecast_id=forecast.pk, actor=None)
    return requirement_points(version.pk).required.tolist()


def test_a_published_example() -> None:
    """100 calls of 180 s in half an hour need 14 agents: README of the R package ErlangC 0.1.0."""
    queue = make_queue()
    make_target(queue, service_level="0.800", answer_within_s=20)
    forecast = forecast_of(queue, [100.0])
    planner = make_user(Role.PLANNER)
    version = derive_requirement(forecast_id=forecast.pk, actor=planner)
    points = requirement_points(version.pk)
    assert points.load_erl.tolist() == [10.0]
    assert points.positions.tolist() == points.required.tolist() == [14]
    served = expected_service(version.pk, points.positions)
    assert served.totals.service_level == pytest.approx(0.8883500191794669, abs=1e-12)
    assert (version.number, version.state, version.forecast, version.created_by) == (
        1,
        RequirementState.ACTIVE,
        forecast,
        planner,
    )
    event = OutboxEvent.objects.get(type="requirement.derived")
    assert event.data["forecast_id"] == forecast.pk
    assert AuditEntry.objects.filter(action="staffing.derive", object_id=str(version.pk)).exists()


def test_each_day_takes_the_target_that_holds_on_it_in_the_queue_s_zone() -> None:
    queue = make_queue(time_zone="Europe/Moscow")
    make_target(queue, valid_to=MONDAY.date())
    make_target(
        queue,
        valid_from=(MONDAY + DAY).date(),
        model=QueueModel.ERLANG_A,
        patience_s=180,
        answer_within_s=60,
    )
    found = required(forecast_of(queue, [100.0] * 96))
    assert set(found[:48]) == {14}
    assert len(set(found[48:])) == 1
    assert found[48] < 14, "a longer wait and callers who hang up need fewer agents"


def test_reserve_absenteeism_and_minimum_of_the_target() -> None:
    queue = make_queue()
    make_target(queue, reserve="1.100", absenteeism="0.080", minimum_agents=5)
    make_opening_hours(queue, opens_minute=0, closes_minute=60)
    # ceil(14 · 1.1 / 0.92) = 17, ceil(5 · 1.1 / 0.92) = 6, nothing where closed
    assert required(forecast_of(queue, [100.0, 1.0, 0.0])) == [17, 6, 0]


def test_coefficients_replace_the_target_s_own_down_to_an_interval() -> None:
    queue = make_queue()
    make_target(queue, reserve="1.100")
    for kind, begin, value in [
        (Coefficient.RESERVE, MONDAY + HOUR, "2"),
        (Coefficient.ABSENTEEISM, MONDAY + 2 * HOUR, "0.5"),
        (Coefficient.MINIMUM, MONDAY + 3 * HOUR, "40"),
    ]:
        CoefficientSpan.objects.create(queue=queue, kind=kind, start=begin, end=begin + HOUR / 2, value=value)
    assert required(forecast_of(queue, [100.0] * 8)) == [16, 16, 28, 16, 31, 16, 44, 16]


def test_open_hours_without_calls_keep_the_minimum() -> None:
    queue = make_queue()
    make_opening_hours(queue, opens_minute=60, closes_minute=120)
    make_target(queue, minimum_agents=3)
    assert required(forecast_of(queue, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0])) == [0, 0, 3, 3, 0, 0]


def test_a_queue_without_opening_hours_is_always_open() -> None:
    queue = make_queue()
    make_target(queue, minimum_agents=3)
    assert required(forecast_of(queue, [0.0, 0.0, 1.0, 0.0])) == [3, 3, 3, 3]


@pytest.mark.parametrize("with_hours", [False, True])
def test_a_queue_that_closes_on_days_off_needs_nobody_on_one_unless_contacts_come(with_hours: bool) -> None:
    calendar = ProductionCalendar.objects.create(code="test", name="Test")
    CalendarYear.objects.create(calendar=calendar, year=2025, source="test")
    day_off = (MONDAY + DAY).date()
    CalendarDay.objects.create(calendar=calendar, date=day_off, kind=DayKind.HOLIDAY, holiday_name="Day")
    queue = make_queue(calendar_code=calendar.code, closed_on_holidays=True)
    if with_hours:
        make_opening_hours(queue, weekdays=range(7), opens_minute=0, closes_minute=1440)
    make_target(queue, minimum_agents=3)
    found = required(forecast_of(queue, [0.0] * 50 + [1.0] + [0.0] * 93))
    assert found == [3] * 48 + [0, 0, 3] + [0] * 45 + [3] * 48


def test_a_day_without_a_target_is_named() -> None:
    queue = make_queue()
    make_target(queue, valid_to=MONDAY.date())
    calls = [100.0] * 48 + [0.0] * 10 + [100.0]
    with pytest.raises(DomainError, match="no staffing target on 2025-03-04"):
        derive_requirement(forecast_id=forecast_of(queue, calls).pk, actor=None)
    assert not RequirementVersion.objects.exists()


def test_a_new_version_archives_what_it_overlaps() -> None:
    queue = make_queue()
    make_target(queue)
    forecast = forecast_of(queue, [100.0] * 48)
    first, second = (derive_requirement(forecast_id=forecast.pk, actor=None) for _ in range(2))
    first.refresh_from_db()
    assert (first.state, second.state, second.number) == ("archived", "active", 2)
    assert active_requirement(queue.pk, MONDAY, MONDAY + DAY) == second
    assert active_requirement(queue.pk, MONDAY, MONDAY + 2 * DAY) is None, "it does not hold the whole span"
    assert list(RequirementVersion.objects.filter(queue=queue).values_list("pk", flat=True)) == [
        second.pk,
        first.pk,
    ]


def test_targets_that_change_meanwhile_stop_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = make_queue()
    target = make_target(queue)
    forecast = forecast_of(queue, [100.0])
    compute = deriving.derive

    def change_and_compute(*args: object, **named: object) -> object:
        StaffingTarget.objects.filter(pk=target.pk).update(answer_within_s=5)
        return compute(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(deriving, "derive", change_and_compute)
    with pytest.raises(StaleError):
        derive_requirement(forecast_id=forecast.pk, actor=None)
    assert not RequirementVersion.objects.exists()


def test_the_service_to_expect_uses_the_targets_that_were_kept() -> None:
    queue = make_queue()
    target = make_target(queue, model=QueueModel.ERLANG_A, patience_s=120, answer_within_s=30)
    version = derive_requirement(forecast_id=forecast_of(queue, [100.0, 50.0]).pk, actor=None)
    before = expected_service(version.pk, [12.5, 7.0])
    assert before.totals.p_abandon > 0
    target.delete()
    assert expected_service(version.pk, [12.5, 7.0]).totals == before.totals
    with pytest.raises(DomainError, match="2 intervals, the schedule 1"):
        expected_service(version.pk, [12.5])


def test_more_agents_never_serve_worse() -> None:
    queue = make_queue()
    make_target(queue)
    version = derive_requirement(forecast_id=forecast_of(queue, [100.0, 120.0]).pk, actor=None)
    levels = [expected_service(version.pk, [agents, agents]).totals.service_level for agents in range(8, 25)]
    assert levels == sorted(levels)


def test_who_may_and_what_exists() -> None:
    forecast = forecast_of(make_queue(), [1.0])
    with pytest.raises(NotAllowedError):
        derive_requirement(forecast_id=forecast.pk, actor=make_user(Role.EMPLOYEE))
    with pytest.raises(NotFoundError):
        derive_requirement(forecast_id=10**6, actor=None)
    with pytest.raises(NotFoundError):
        requirement_points(10**6)


def test_queries_do_not_grow_with_the_intervals() -> None:
    counts = []
    for days in (1, 8):
        queue = make_queue()
        make_target(queue)
        forecast = forecast_of(queue, [100.0] * 48 * days)
        derive_requirement(forecast_id=forecast.pk, actor=None)
        with CaptureQueriesContext(connection) as queries:
            derive_requirement(forecast_id=forecast.pk, actor=None)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


@pytest.mark.parametrize(
    "facts",
    [
        {"service_level": "1.000"},
        {"service_level": "0.000"},
        {"max_occupancy": "0.000"},
        {"absenteeism": "1.000"},
        {"model": QueueModel.ERLANG_A},
    ],
)
def test_the_database_refuses_targets_that_cannot_be_kept(facts: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_target(make_queue(), **facts)


@pytest.mark.django_db(transaction=True)
def test_requirements_at_once_take_different_numbers_and_one_is_active() -> None:
    queue = make_queue()
    make_target(queue)
    forecast = forecast_of(queue, [100.0] * 48)
    results = at_once(*[partial(derive_requirement, forecast_id=forecast.pk, actor=None)] * 3)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(RequirementVersion.objects.values_list("number", flat=True)) == [1, 2, 3]
    assert RequirementVersion.objects.filter(state=RequirementState.ACTIVE).count() == 1


def test_occupancy_bounds_the_agents_from_below() -> None:
    queue = make_queue()
    make_target(queue, max_occupancy="0.500")
    assert required(forecast_of(queue, [100.0])) == [20], "10 erlang over half"
