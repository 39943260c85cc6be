"""Growth factors and overrides as new versions; going back; what is outdated."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.utils import translation

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from apps.core.models import OutboxEvent
from apps.forecasts.choices import Activation, VersionState
from apps.forecasts.models import ForecastActivation, ForecastVersion
from apps.forecasts.selectors import active_version, forecast_points, versions_of
from apps.forecasts.services.adjusting import adjust_forecast
from apps.forecasts.services.versions import activate_version, archive_version, roll_back
from apps.forecasts.types import Adjustment
from tests.concurrency import at_once
from tests.factories import make_forecast, make_queue, make_user

if TYPE_CHECKING:
    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def queue() -> Queue:
    return make_queue(step_minutes=60)


@pytest.fixture
def version(queue: Queue) -> ForecastVersion:
    """Make two active days of 24 hours with 10 contacts each."""
    made = make_forecast(queue, START, [10.0] * 48, step_s=3600, state=VersionState.DRAFT, number=1)
    return activate_version(version_id=made.pk, actor=None)


def change(first: int = 0, last: int = 48, **facts: Any) -> Adjustment:
    facts = {"measure": "calls", "operation": "multiply", "value": 1.2} | facts
    return Adjustment(**({"start": START + first * HOUR, "end": START + last * HOUR} | facts))


def adjust(version: ForecastVersion, *changes: Adjustment, **facts: Any) -> ForecastVersion:
    facts = {"reason": "a campaign", "actor": None} | facts
    return adjust_forecast(version_id=version.pk, adjustments=changes, **facts)


def test_an_adjustment_is_a_new_draft_beside_the_old_version(version: ForecastVersion) -> None:
    made = adjust(version, change(0, 24))
    points, base = forecast_points(made.pk), forecast_points(version.pk)
    assert points.calls == pytest.approx([12.0] * 24 + [10.0] * 24)
    assert points.lower[24:] == pytest.approx([8.0] * 24)
    assert 9.0 < points.lower[0] < 10.0
    assert base.calls.tolist() == [10.0] * 48
    assert (made.state, made.number, made.based_on, made.origin) == ("draft", 2, version, version)
    assert active_version(version.queue_id, START, START + DAY) == version


def test_changes_are_chained_and_each_stays_visible(version: ForecastVersion) -> None:
    planner = make_user(Role.PLANNER, username="anna")
    first = adjust(version, change(0, 24), actor=planner)
    second = adjust(
        first,
        change(0, 1, operation="set", value=100),
        change(0, 24, measure="aht", operation="add", value=20),
        reason="an advert",
    )
    points = forecast_points(second.pk)
    assert (points.calls[0], points.calls[1], points.aht_s[0], points.aht_s[24]) == (100, 12, 200, 180)
    assert (second.based_on, second.origin) == (first, version)
    assert [(row["operation"], row["reason"]) for row in second.adjustments] == [
        ("multiply", "a campaign"),
        ("set", "an advert"),
        ("add", "an advert"),
    ]
    assert second.adjustments[0]["by"] == str(planner)


def test_a_growth_of_one_is_the_same_forecast(version: ForecastVersion) -> None:
    points, base = forecast_points(adjust(version, change(value=1.0)).pk), forecast_points(version.pk)
    for name in ("starts", "calls", "lower", "upper", "aht_s"):
        np.testing.assert_array_equal(getattr(points, name), getattr(base, name))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"first": 5, "last": 5}, "adjustments.0.end"),
        ({"first": 6, "last": 5}, "adjustments.0.end"),
        ({"first": -1}, "adjustments.0.start"),
        ({"last": 49}, "adjustments.0.end"),
        ({"start": START + HOUR / 2}, "adjustments.0.start"),
        ({"value": -0.1}, "adjustments.0.value"),
        ({"value": 100.5}, "adjustments.0.value"),
        ({"value": float("nan")}, "adjustments.0.value"),
        ({"operation": "set", "value": -1}, "adjustments.0.value"),
        ({"operation": "add", "value": -1e9}, "adjustments.0.value"),
        ({"operation": "halve"}, "adjustments.0.operation"),
        ({"measure": "aht", "operation": "set_total"}, "adjustments.0.operation"),
        ({"measure": "cats"}, "adjustments.0.measure"),
        ({"measure": "aht", "operation": "set", "value": 0}, "adjustments"),
    ],
)
def test_nonsense_is_refused_by_field(version: ForecastVersion, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        adjust(version, change(**facts))
    assert list(refusal.value.fields) == [field]
    assert ForecastVersion.objects.count() == 1


@pytest.mark.parametrize(("facts", "field"), [({"reason": " "}, "reason"), ({"reason": "x" * 301}, "reason")])
def test_a_reason_is_needed(version: ForecastVersion, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        adjust(version, change(), **facts)
    assert list(refusal.value.fields) == [field]
    with pytest.raises(DomainError):
        adjust(version)
    with pytest.raises(DomainError):
        adjust(version, *[change()] * 101)
    with pytest.raises(NotFoundError):
        adjust_forecast(version_id=10**6, adjustments=[change()], reason="x", actor=None)


def test_an_override_rolled_back_gives_the_old_active_version(version: ForecastVersion) -> None:
    made = adjust(version, change(), activate=True)
    version.refresh_from_db()
    assert (made.state, version.state) == ("active", "archived")
    assert roll_back(version_id=made.pk, reason="the campaign is off", actor=None) == [version]
    made.refresh_from_db()
    assert made.state == "archived"
    assert active_version(version.queue_id, START, START + DAY) == version
    last = ForecastActivation.objects.first()
    assert last is not None
    assert (last.version, last.kind, last.reason) == (version, Activation.ROLLED_BACK, "the campaign is off")
    assert AuditEntry.objects.get(action="forecasts.roll_back").after["active_again"] == [version.pk]
    assert OutboxEvent.objects.filter(type="forecast.activated", data__is_rollback=True).count() == 1


def test_rolling_back_twice_goes_on_to_the_version_before(version: ForecastVersion) -> None:
    second = adjust(version, change(), activate=True)
    third = adjust(second, change(), activate=True)
    assert roll_back(version_id=third.pk, reason="no", actor=None) == [second]
    assert roll_back(version_id=second.pk, reason="no", actor=None) == [version]
    with pytest.raises(ConflictError):
        roll_back(version_id=version.pk, reason="no", actor=None)


def test_a_rollback_needs_a_reason_an_active_version_and_a_free_place(version: ForecastVersion) -> None:
    with pytest.raises(DomainError) as refusal:
        roll_back(version_id=version.pk, reason=" ", actor=None)
    assert list(refusal.value.fields) == ["reason"]
    short = make_forecast(version.queue, START, [1.0] * 24, step_s=3600, state=VersionState.DRAFT)
    late = make_forecast(version.queue, START + DAY, [1.0] * 24, step_s=3600, state=VersionState.DRAFT)
    for made in (short, late):
        activate_version(version_id=made.pk, actor=None)
    with pytest.raises(ConflictError, match="is active on the same days"):
        roll_back(version_id=short.pk, reason="no", actor=None)
    archive_version(version_id=late.pk, actor=None)
    assert roll_back(version_id=short.pk, reason="no", actor=None) == [version]


def test_it_is_for_planners(version: ForecastVersion) -> None:
    employee = make_user(Role.EMPLOYEE)
    with pytest.raises(NotAllowedError):
        adjust(version, change(), actor=employee)
    with pytest.raises(NotAllowedError):
        roll_back(version_id=version.pk, reason="no", actor=employee)


@pytest.mark.django_db(transaction=True)
def test_two_who_adjust_at_once_get_two_versions_and_one_is_active() -> None:
    made = make_forecast(make_queue(step_minutes=60), START, [10.0] * 48, step_s=3600, number=1)
    results = at_once(*[lambda: adjust(made, change(), activate=True)] * 3)
    assert all(isinstance(result, ForecastVersion) for result in results), results
    versions = list(versions_of(made.queue_id))
    assert sorted(row.number for row in versions) == [1, 2, 3, 4]
    assert [row.state for row in versions].count("active") == 1
