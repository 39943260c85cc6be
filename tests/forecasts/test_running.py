from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core import zones
from apps.core.errors import DomainError, NotAllowedError, NotFoundError, StaleError
from apps.core.models import OutboxEvent
from apps.forecasts.api.serializers import ForecastVersionSerializer
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion
from apps.forecasts.selectors import accuracy_rows, forecast_points
from apps.forecasts.services import running
from apps.forecasts.services.running import run_forecast
from apps.workcalendar.errors import CalendarMissingError
from tests.demand.files import load
from tests.factories.accounts import make_user
from tests.factories.organization import make_opening_hours, make_queue
from tests.forecasts.series import AHT_S, MONDAY, expected_calls, import_weeks, weekly_queue

pytestmark = pytest.mark.django_db
NEXT = MONDAY + dt.timedelta(weeks=8)
WEEK = dt.timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def test_a_regular_history_is_carried_on() -> None:
    queue = weekly_queue()
    batch = import_weeks(queue)
    planner = make_user(Role.PLANNER)
    version = run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=planner, seed=3)
    assert (version.number, version.state, version.created_by) == (1, VersionState.ACTIVE, planner)
    assert version.start == zones.midnight(NEXT, queue.time_zone)
    points = forecast_points(version.pk)
    assert points.starts.size == 7 * 24
    local = zones.to_local(points.starts, queue.time_zone).astype(object)
    truth = np.array([expected_calls(moment.date(), moment.hour) for moment in local])
    assert np.abs(points.calls - truth).sum() / truth.sum() < 0.05
    assert (points.calls[truth == 0] == 0).all(), "closed hours expect nothing"
    assert (points.lower <= points.calls).all()
    assert (points.calls <= points.upper).all()
    assert points.aht_s == pytest.approx(AHT_S)
    assert version.inputs["history_rows"] == batch.rows_loaded
    assert (version.seed, version.inputs["weeks_shifted"]) == (3, [])
    rows = accuracy_rows(version)
    assert [row.is_chosen for row in rows].count(True) == 1
    assert "week_naive" in {row.model for row in rows}
    event = OutboxEvent.objects.get(type="forecast.completed")
    assert (event.aggregate_id, event.data["number"]) == (str(version.pk), 1)
    assert AuditEntry.objects.filter(action="forecasts.run", object_id=str(version.pk)).exists()


def test_why_a_model_was_chosen_is_said_in_the_language_of_the_reader() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    version = run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None)
    kept = ForecastVersion.objects.get(pk=version.pk)
    origins = len(version.accuracy["models"][0]["fold_wapes"])
    assert f" % over {origins} rolling origins; as the week before " in str(kept.chosen_because)
    with translation.override("ru"):
        assert f" % по {origins} точкам отсчёта; как неделю назад – " in str(kept.chosen_because)
        assert ForecastVersionSerializer(kept).data["chosen_because"] == str(kept.chosen_because)


def test_too_short_a_history_for_a_back_test_is_told() -> None:
    queue = weekly_queue()
    import_weeks(queue, weeks=3)
    start = MONDAY + 3 * WEEK
    version = run_forecast(queue_id=queue.pk, start=start, end=start + WEEK, actor=None)
    assert str(version.chosen_because) == "mean of the models: the history is too short for a back-test"


def test_the_same_inputs_and_seed_give_the_same_numbers() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    one, two = (run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None) for _ in range(2))
    assert np.array_equal(forecast_points(one.pk).calls, forecast_points(two.pk).calls)
    assert one.inputs["history_digest"] == two.inputs["history_digest"]


def test_history_from_the_first_day_on_is_not_looked_at() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    before = run_forecast(queue_id=queue.pk, start=NEXT - WEEK, end=NEXT, actor=None)
    load(queue, f"{NEXT - WEEK:%d.%m.%Y} 10:00;9999;1\n{NEXT - WEEK:%d.%m.%Y} 11:00;9999;1\n")
    after = run_forecast(queue_id=queue.pk, start=NEXT - WEEK, end=NEXT, actor=None)
    assert before.inputs["history_digest"] == after.inputs["history_digest"]


def test_too_little_history_says_how_much_is_missing() -> None:
    queue = weekly_queue()
    with pytest.raises(DomainError, match="no history before 2025-04-28: import at least two weeks"):
        run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None)
    import_weeks(queue, weeks=1)
    with pytest.raises(DomainError, match="5 days with contacts, 10 are needed, 5 more") as refused:
        run_forecast(queue_id=queue.pk, start=MONDAY + WEEK, end=MONDAY + 2 * WEEK, actor=None)
    assert refused.value.extra == {"have_days": 5, "need_days": 10}
    assert not ForecastVersion.objects.exists()


def test_without_handle_times_an_aht_is_asked_for() -> None:
    queue = weekly_queue()
    import_weeks(queue, aht=False)
    with pytest.raises(DomainError, match="no handle times") as refused:
        run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None)
    assert list(refused.value.fields) == ["assumed_aht_s"]
    version = run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None, assumed_aht_s=184)
    assert set(forecast_points(version.pk).aht_s) == {184.0}
    assert version.parameters["assumed_aht_s"] == 184


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"end": NEXT}, "end"),
        ({"end": NEXT + dt.timedelta(days=400)}, "end"),
        ({"level": 1.0}, "level"),
        ({"assumed_aht_s": -1.0}, "assumed_aht_s"),
        ({"holidays_country": "XX"}, "holidays_country"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(asked: dict[str, object], field: str) -> None:
    queue = weekly_queue()
    import_weeks(queue)
    with pytest.raises(DomainError) as refused:
        run_forecast(**({"queue_id": queue.pk, "start": NEXT, "end": NEXT + WEEK, "actor": None} | asked))  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]


def test_a_span_too_far_ahead_is_refused() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    far = NEXT + dt.timedelta(days=420)
    with pytest.raises(DomainError, match="400 days at most"):
        run_forecast(queue_id=queue.pk, start=far, end=far + WEEK, actor=None)


def test_a_history_that_changes_meanwhile_stops_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = weekly_queue()
    import_weeks(queue)
    compute = running.compute

    def change_and_compute(*args: object, **named: object) -> object:
        load(queue, f"{MONDAY:%d.%m.%Y} 10:00;1;1\n{MONDAY:%d.%m.%Y} 11:00;1;1\n")
        return compute(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "compute", change_and_compute)
    with pytest.raises(StaleError):
        run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None)
    assert not ForecastVersion.objects.exists()


def test_opening_hours_close_what_history_leaves_open() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    make_opening_hours(queue, opens_minute=600, closes_minute=900, weekdays=range(3))
    version = run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None)
    points = forecast_points(version.pk)
    open_hours = {
        (moment.weekday(), moment.hour)
        for moment in zones.to_local(points.starts[points.calls > 0], queue.time_zone).astype(object)
    }
    assert open_hours == {(weekday, hour) for weekday in range(3) for hour in range(10, 15)}
    assert version.inputs["opening_hours"] is True


def test_an_hour_that_happens_twice_is_forecast_twice_and_a_missing_one_not() -> None:
    """Berlin repeats 2025-10-26 02:00 and leaves out 2026-03-29 02:00."""
    queue = weekly_queue(time_zone="Europe/Berlin")
    first = dt.date(2025, 8, 4)
    lines = [
        f"{first + dt.timedelta(days=day):%d.%m.%Y} {hour:02d}:00;{50 + hour};100"
        for day in range(70)
        for hour in range(24)
    ]
    load(queue, "\n".join(lines))
    autumn = run_forecast(
        queue_id=queue.pk, start=dt.date(2025, 10, 26), end=dt.date(2025, 10, 27), actor=None
    )
    points = forecast_points(autumn.pk)
    assert points.starts.size == 25
    assert (np.diff(points.starts.astype(np.int64)) == 3600).all()
    assert points.calls[2] == points.calls[3] == pytest.approx(52, abs=2)
    spring = run_forecast(queue_id=queue.pk, start=dt.date(2026, 3, 29), end=dt.date(2026, 3, 30), actor=None)
    points = forecast_points(spring.pk)
    assert points.starts.size == 23
    assert (np.diff(points.starts.astype(np.int64)) == 3600).all()
    assert (spring.end - spring.start) == dt.timedelta(hours=23)


def test_an_aggregated_queue_is_forecast_from_the_sum() -> None:
    whole, one, two = weekly_queue(), weekly_queue(), weekly_queue()
    whole.members.add(one, two)
    import_weeks(one)
    import_weeks(two)
    points = {
        queue: forecast_points(
            run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None).pk
        ).calls.sum()
        for queue in (whole, one)
    }
    assert points[whole] == pytest.approx(2 * points[one], rel=0.01)


def test_who_may_and_what_exists() -> None:
    queue = weekly_queue()
    with pytest.raises(NotAllowedError):
        run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=make_user(Role.EMPLOYEE))
    with pytest.raises(NotFoundError):
        run_forecast(queue_id=10**6, start=NEXT, end=NEXT + WEEK, actor=None)


def test_an_empty_calendar_of_the_horizon_is_named() -> None:
    queue = weekly_queue(calendar_code="nowhere")
    import_weeks(queue)
    with pytest.raises(CalendarMissingError, match="nowhere is not filled for 2025"):
        run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None)


def test_queries_do_not_grow_with_the_span() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + dt.timedelta(days=3), actor=None)
    counts = []
    for days in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + dt.timedelta(days=days), actor=None)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40


def test_a_coarser_history_is_forecast_on_its_step_and_cut_to_the_queue_s() -> None:
    queue = make_queue(step_minutes=15, calendar_code="")
    import_weeks(queue, step_minutes=60)
    version = run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + WEEK, actor=None)
    points = forecast_points(version.pk)
    assert (version.step_s, version.inputs["history_step_s"]) == (900, 3600)
    assert points.starts.size == 7 * 96
    hours = points.calls.reshape(-1, 4)
    assert (hours == hours[:, :1]).all()
    ten = zones.to_instant(zones.midnight(NEXT, queue.time_zone) + dt.timedelta(hours=10))
    assert points.calls[points.starts >= ten][:4].sum() == pytest.approx(expected_calls(NEXT, 10), rel=0.1)
