"""Versions against each other and against fact; what makes one outdated."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from apps.core.errors import DomainError
from apps.demand.models import ImportBatch, IntervalHistory, SpecialDay
from apps.demand.services.correcting import correct_history, undo_correction
from apps.demand.types import InstantSpan
from apps.forecasts.choices import VersionState
from apps.forecasts.selectors import compare_versions, fact_accuracy, forecast_points, staleness, versions_of
from apps.forecasts.services.adjusting import adjust_forecast
from apps.forecasts.services.running import run_forecast
from apps.forecasts.types import Adjustment
from tests.factories import make_forecast, make_history, make_queue
from tests.forecasts.series import MONDAY, import_weeks, weekly_queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.forecasts.models import ForecastVersion
    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 1, 21, tzinfo=dt.UTC)  # Monday, 00:00 in Moscow
DAY = dt.timedelta(days=1)
NEXT = MONDAY + dt.timedelta(weeks=8)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def draft(queue: Queue, calls: list[float]) -> ForecastVersion:
    return make_forecast(queue, START, calls, step_s=3600, state=VersionState.DRAFT)


def test_days_and_weeks_with_differences_and_fact() -> None:
    queue = make_queue(step_minutes=60)
    one, other = draft(queue, [10.0] * (9 * 24)), draft(queue, [11.0] * (10 * 24))
    make_history(queue, START, [8] * 24, step_s=3600)
    found = compare_versions(one, other)
    assert len(found.rows) == 9
    first = found.rows[0]
    assert (first.first, first.fact, first.one, first.other) == (dt.date(2026, 3, 2), 192, 240, 264)
    assert (first.difference, first.change) == (24, pytest.approx(0.1))
    assert found.rows[1].fact is None
    assert found.total.difference == 9 * 24
    weeks = compare_versions(one, other, weekly=True).rows
    assert [(row.first.day, row.last.day, row.one) for row in weeks] == [(2, 8, 1680), (9, 10, 480)]
    assert (found.one.wape, found.other.wape) == (pytest.approx(2 / 8), pytest.approx(3 / 8))


def test_accuracy_against_fact_has_the_published_definitions() -> None:
    queue = make_queue(step_minutes=60)
    make_history(queue, START - 14 * DAY, [10] * (7 * 24) + [14] * (7 * 24), step_s=3600)
    make_history(queue, START, [10, 20, 0, 10], step_s=3600)
    version = draft(queue, [12.0, 15.0, 1.0, 10.0, 99.0])
    found = fact_accuracy(version)
    assert found.intervals == 4
    assert found.wape == pytest.approx(8 / 40)
    assert found.mape == pytest.approx((0.2 + 0.25 + 0) / 3)
    assert found.bias == pytest.approx(-2 / 40)
    assert found.mase == pytest.approx((8 / 4) / 4)


def test_without_fact_there_is_no_accuracy() -> None:
    found = fact_accuracy(draft(make_queue(step_minutes=60), [12.0]))
    assert (found.intervals, found.wape, found.mase) == (0, None, None)


def test_versions_that_share_nothing_are_not_compared() -> None:
    queue = make_queue(step_minutes=60)
    one = draft(queue, [1.0])
    far = make_forecast(queue, START + DAY, [1.0], step_s=3600, state=VersionState.DRAFT)
    with pytest.raises(DomainError, match="share no day"):
        compare_versions(one, far)
    with pytest.raises(DomainError, match="different queues"):
        compare_versions(one, draft(make_queue(), [1.0]))


def test_a_comparison_takes_the_same_queries_however_long(django_assert_num_queries: Callable) -> None:
    queue = make_queue(step_minutes=60)
    for size in (24, 60 * 24):
        one, other = draft(queue, [1.0] * size), draft(queue, [2.0] * size)
        with django_assert_num_queries(3):
            compare_versions(one, other)
    make_history(queue, START, [8] * 24, step_s=3600)
    for size in (24, 60 * 24):
        one, other = draft(queue, [1.0] * size), draft(queue, [2.0] * size)
        with django_assert_num_queries(15):
            compare_versions(one, other)


@pytest.fixture
def forecast() -> ForecastVersion:
    queue = weekly_queue()
    import_weeks(queue)
    return run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + 7 * DAY, actor=None)


def reasons(version: ForecastVersion) -> list[str]:
    found = staleness(list(versions_of(version.queue_id)))
    return found[version.pk]


def corrected(version: ForecastVersion, day: dt.date, action: str = "exclude") -> int:
    start = dt.datetime.combine(day, dt.time(6), dt.UTC)
    (row,) = correct_history(
        queue_id=version.queue_id,
        spans=[InstantSpan(start, start + dt.timedelta(hours=9))],
        action=action,
        reason="a broken counter",
        actor=None,
    )
    return row.pk


def test_a_correction_after_a_forecast_marks_it_and_a_new_one_reads_it(forecast: ForecastVersion) -> None:
    assert reasons(forecast) == []
    pk = corrected(forecast, MONDAY + 7 * DAY)
    assert reasons(forecast) == ["1 correction of its history was made or undone after it."]
    again = run_forecast(queue_id=forecast.queue_id, start=NEXT, end=NEXT + 7 * DAY, actor=None)
    assert again.inputs["corrections"] == [pk]
    assert (reasons(again), len(reasons(forecast))) == ([], 1)
    undo_correction(correction_id=pk, reason="no", actor=None)
    assert (len(reasons(again)), reasons(forecast)) == (1, [])


def test_what_changes_no_figure_marks_nothing(forecast: ForecastVersion) -> None:
    first, second = MONDAY + 7 * DAY, MONDAY + 9 * DAY
    corrected(forecast, first, action="restore")
    assert reasons(forecast) == []
    corrected(forecast, second)
    corrected(forecast, second)
    again = run_forecast(queue_id=forecast.queue_id, start=NEXT, end=NEXT + 7 * DAY, actor=None)
    assert (len(reasons(forecast)), reasons(again)) == (1, [])
    corrected(forecast, second)
    assert reasons(again) == []
    corrected(forecast, second, action="restore")
    assert (reasons(forecast), len(reasons(again))) == ([], 1)


def test_an_import_that_was_committing_marks_the_forecast_however_early_it_began(
    forecast: ForecastVersion,
) -> None:
    import_weeks(forecast.queue, weeks=9, first=MONDAY - 7 * DAY)
    batch = ImportBatch.objects.latest("pk")
    ImportBatch.objects.filter(pk=batch.pk).update(created_at=forecast.created_at - DAY)
    assert reasons(forecast) == ["History was imported after it."]


def test_an_adjusted_version_is_outdated_with_its_base(forecast: ForecastVersion) -> None:
    change = Adjustment(forecast.start, forecast.end, "calls", "multiply", 1.1)
    made = adjust_forecast(version_id=forecast.pk, adjustments=[change], reason="x", actor=None)
    assert reasons(made) == []
    corrected(forecast, MONDAY)
    assert len(reasons(made)) == 1


def test_a_special_day_and_an_import_after_a_forecast_mark_it(forecast: ForecastVersion) -> None:
    SpecialDay.objects.create(name="Sale", first_day=NEXT, last_day=NEXT, coefficient="1.5")
    assert reasons(forecast) == ["The special days were changed after it."]
    import_weeks(forecast.queue, weeks=9, first=MONDAY - 7 * DAY)
    assert "History was imported after it." in reasons(forecast)


def test_a_special_day_before_the_history_marks_nothing() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    early = MONDAY - 30 * DAY
    SpecialDay.objects.create(name="Sale", first_day=early, last_day=early, coefficient=2)
    assert reasons(run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + 7 * DAY, actor=None)) == []


def test_special_days_multiply_the_forecast_additively_and_are_kept_with_it(
    forecast: ForecastVersion,
) -> None:
    before = forecast_points(forecast.pk).calls
    for name, value in (("Sale", "1.25"), ("Mailing", "1.35"), ("Advert", "2.15")):
        SpecialDay.objects.create(
            name=name, kind="event", first_day=NEXT, last_day=NEXT, coefficient=value, queue=forecast.queue
        )
    SpecialDay.objects.create(
        name="Other calendar", first_day=NEXT, last_day=NEXT, coefficient="9", calendar_code="by"
    )
    SpecialDay.objects.create(
        name="Half a day",
        kind="event",
        first_day=NEXT + DAY,
        last_day=NEXT + DAY,
        coefficient="3",
        from_minute=720,
    )
    made = run_forecast(queue_id=forecast.queue_id, start=NEXT, end=NEXT + 7 * DAY, actor=None)
    after = forecast_points(made.pk).calls
    assert after[:24] == pytest.approx(before[:24] * 2.75)
    assert after[24:36] == pytest.approx(before[24:36])
    assert after[36:48] == pytest.approx(before[36:48] * 3)
    assert after[48:] == pytest.approx(before[48:])
    assert [row["name"] for row in made.inputs["events"]] == ["Sale", "Mailing", "Advert", "Half a day"]


def test_events_of_the_past_are_taken_out_of_what_is_learned(forecast: ForecastVersion) -> None:
    """Doubled days with a coefficient of two teach what the plain days taught."""
    before = forecast_points(forecast.pk).calls
    queue = weekly_queue()
    import_weeks(queue)
    day = NEXT - 4 * DAY
    start = dt.datetime.combine(day, dt.time(), dt.UTC) - dt.timedelta(hours=3)
    for row in IntervalHistory.objects.filter(queue=queue, start__gte=start, start__lt=start + DAY):
        row.offered *= 2
        row.save()
    SpecialDay.objects.create(name="Sale", first_day=day, last_day=day, coefficient="2", queue=queue)
    made = run_forecast(queue_id=queue.pk, start=NEXT, end=NEXT + 7 * DAY, actor=None)
    assert forecast_points(made.pk).calls == pytest.approx(before)
