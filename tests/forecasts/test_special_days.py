"""Holidays of the history's own country, moved with it; holidays of the queue's calendar ahead."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from apps.forecasts.selectors import forecast_points
from apps.forecasts.services.running import run_forecast
from apps.workcalendar.choices import DayKind
from apps.workcalendar.models import CalendarDay, CalendarYear, ProductionCalendar
from tests.forecasts.series import MONDAY, import_weeks, weekly_queue

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)
AHEAD = MONDAY + 10 * WEEK
HOLIDAY = AHEAD + dt.timedelta(days=2)
SHIFT = 1000
# Memorial Day and Independence Day of 2003, both on days that the bank of the history would have worked.
AMERICAN = frozenset([dt.date(2003, 5, 26), dt.date(2003, 7, 4)])


@pytest.fixture
def calendar() -> ProductionCalendar:
    """Give a calendar of 2025 with one holiday, on a Wednesday ahead."""
    made = ProductionCalendar.objects.create(code="test", name="Test")
    CalendarYear.objects.create(calendar=made, year=2025, source="test")
    CalendarDay.objects.create(
        calendar=made, date=HOLIDAY, kind=DayKind.HOLIDAY, holiday_name="Day of the test"
    )
    return made


def calls_by_day(version_id: int) -> list[float]:
    return [float(day.sum()) for day in forecast_points(version_id).calls.reshape(-1, 24)]


def test_a_queue_closed_on_holidays_expects_nothing_on_one(calendar: ProductionCalendar) -> None:
    queue = weekly_queue(calendar_code=calendar.code, closed_on_holidays=True)
    import_weeks(queue, weeks=10)
    version = run_forecast(queue_id=queue.pk, start=AHEAD, end=AHEAD + WEEK, actor=None)
    days = calls_by_day(version.pk)
    assert [calls > 0 for calls in days] == [True, True, False, True, True, False, False]
    assert HOLIDAY.isoformat() in version.inputs["closed_days"]
    assert version.inputs["holidays"] == {HOLIDAY.isoformat(): "Day of the test"}


def test_a_queue_that_works_on_holidays_is_told_by_history_what_they_do(calendar: ProductionCalendar) -> None:
    queue = weekly_queue(calendar_code=calendar.code)
    import_weeks(queue, weeks=10)
    ordinary = run_forecast(queue_id=queue.pk, start=AHEAD, end=AHEAD + WEEK, actor=None)
    assert calls_by_day(ordinary.pk)[2] > 0, "no holiday in the history: nothing is assumed"
    CalendarDay.objects.create(
        calendar=calendar, date=MONDAY + dt.timedelta(days=17), kind=DayKind.HOLIDAY, holiday_name="Spring"
    )
    other = weekly_queue(calendar_code=calendar.code)
    import_weeks(other, weeks=10, closed=frozenset([MONDAY + dt.timedelta(days=17)]))
    taught = run_forecast(queue_id=other.pk, start=AHEAD, end=AHEAD + WEEK, actor=None)
    assert calls_by_day(taught.pk)[2] == 0
    assert taught.inputs["special_days"][HOLIDAY.isoformat()]["share"] == 0


def test_a_day_off_without_a_name_is_kept_alike_whoever_asks(calendar: ProductionCalendar) -> None:
    CalendarDay.objects.filter(date=HOLIDAY).update(holiday_name="")
    queue = weekly_queue(calendar_code=calendar.code)
    import_weeks(queue, weeks=10)
    with translation.override("ru"):
        version = run_forecast(queue_id=queue.pk, start=AHEAD, end=AHEAD + WEEK, actor=None)
    assert version.inputs["holidays"] == {HOLIDAY.isoformat(): "Day off"}


@pytest.mark.parametrize("country", ["US", None])
def test_a_shifted_history_brings_its_own_holidays(country: str | None) -> None:
    queue = weekly_queue()
    first = dt.date(2003, 3, 3)
    import_weeks(queue, weeks=20, first=first, closed=AMERICAN, weeks_shifted=SHIFT)
    start = first + (20 + SHIFT) * WEEK
    version = run_forecast(
        queue_id=queue.pk, start=start, end=start + WEEK, actor=None, holidays_country=country
    )
    assert version.inputs["weeks_shifted"] == [SHIFT]
    assert version.inputs["holidays_of"] == [f"US {SHIFT:+d} w"]
    moved = {(day + SHIFT * WEEK).isoformat() for day in AMERICAN}
    assert moved <= version.inputs["holidays"].keys()
    assert not any(day >= start.isoformat() for day in version.inputs["holidays"]), "not the horizon's"


def test_an_unshifted_history_is_read_by_the_country_that_is_named() -> None:
    queue = weekly_queue()
    import_weeks(queue, weeks=10)
    version = run_forecast(
        queue_id=queue.pk, start=AHEAD, end=AHEAD + WEEK, actor=None, holidays_country="ru"
    )
    assert "2025-05-01" in version.inputs["holidays"]
    assert version.inputs["holidays_of"] == ["RU"]
