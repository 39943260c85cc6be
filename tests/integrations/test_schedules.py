"""Schedules of runs: the contract's dates, clocks that change, beats that come twice or late."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock
from apps.integrations import registry
from apps.integrations.choices import FailureClass, Recurrence, RunState, Weekday
from apps.integrations.models import Run, RunSchedule
from apps.integrations.models.schedule import LAST
from apps.integrations.services.recurrence import next_due, nth_weekday
from apps.integrations.services.runs import end
from apps.integrations.services.schedules import set_next, start_due
from tests.concurrency import at_once
from tests.factories.integrations import make_connection

PURPOSE = "tests.scheduled"
MOSCOW = "Europe/Moscow"
BERLIN = "Europe/Berlin"
ZONES = [MOSCOW, BERLIN, "Asia/Novosibirsk", "America/St_Johns", "Pacific/Apia"]


def last_saturday(zone: str = MOSCOW, at: dt.time = dt.time(1, 30)) -> RunSchedule:
    return RunSchedule(
        purpose=PURPOSE,
        recurrence=Recurrence.MONTHLY,
        weekday=Weekday.SATURDAY,
        nth=LAST,
        at=at,
        time_zone=zone,
    )


def daily(zone: str, at: dt.time) -> RunSchedule:
    return RunSchedule(purpose=PURPOSE, recurrence=Recurrence.DAILY, at=at, time_zone=zone)


def dues(schedule: RunSchedule, begin: dt.datetime, end_at: dt.datetime) -> list[dt.datetime]:
    found = []
    after = begin
    while (after := next_due(schedule, after)) < end_at:
        found.append(after)
    return found


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("month", "day"),
    [((2026, 11), 28), ((2027, 2), 27), ((2027, 5), 29), ((2027, 7), 31)],
)
def test_last_saturdays_of_the_contract(month: tuple[int, int], day: int) -> None:
    assert nth_weekday(*month, Weekday.SATURDAY, LAST) == dt.date(*month, day)
    due = next_due(last_saturday(), utc(*month, 1))
    assert due == utc(*month, day - 1, 22, 30), "01:30 in Moscow is 22:30 UTC of the day before"


def test_every_last_saturday_of_sixteen_years_comes_once() -> None:
    found = dues(last_saturday(), utc(2019, 12, 31), utc(2036, 1, 1))
    assert len(found) == len(set(found)) == 16 * 12
    days = [due.astimezone(ZoneInfo(MOSCOW)).date() for due in found]
    assert [(day.year, day.month) for day in days] == [
        (year, month) for year in range(2020, 2036) for month in range(1, 13)
    ]
    assert all(day.weekday() == 5 and (day + dt.timedelta(7)).month != day.month for day in days)


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(0, 6), st.sampled_from([1, 2, 3, 4, LAST]))
def test_the_nth_weekday_is_one_of_its_month(year: int, month: int, weekday: int, nth: int) -> None:
    all_of_them = [
        day
        for number in range(31)
        if (day := dt.date(year, month, 1) + dt.timedelta(number)).month == month and day.weekday() == weekday
    ]
    assert nth_weekday(year, month, weekday, nth) == all_of_them[nth if nth == LAST else nth - 1]


@pytest.mark.parametrize(
    ("zone", "at", "first", "expected"),
    [
        # The clock jumped from 02:00 to 03:00 on 24 July 2016: 02:30 was half past three.
        (
            "Asia/Novosibirsk",
            dt.time(2, 30),
            (2016, 7, 22),
            [(22, 20, 30), (23, 20, 30), (24, 19, 30), (25, 19, 30)],
        ),
        # Berlin, spring: 02:30 does not exist on 28 March 2027; autumn: it is there twice on 31 October.
        (BERLIN, dt.time(2, 30), (2027, 3, 26), [(27, 1, 30), (28, 1, 30), (29, 0, 30), (30, 0, 30)]),
        (BERLIN, dt.time(2, 30), (2027, 10, 29), [(30, 0, 30), (31, 0, 30)]),
        # Moscow, 26 October 2014: 01:30 came twice.
        (MOSCOW, dt.time(1, 30), (2014, 10, 23), [(23, 21, 30), (24, 21, 30), (25, 21, 30), (26, 22, 30)]),
    ],
)
def test_a_clock_that_changes_lets_no_day_out_and_none_come_twice(
    zone: str, at: dt.time, first: tuple[int, int, int], expected: list[tuple[int, int, int]]
) -> None:
    begin = utc(*first, 12)
    found = dues(daily(zone, at), begin, begin + dt.timedelta(days=20))[: len(expected)]
    assert [(due.day, due.hour, due.minute) for due in found] == expected


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.integers(0, 24 * 365 * 24).map(lambda hours: utc(2011, 1, 1) + dt.timedelta(hours=hours)),
    st.sampled_from([None, *range(7)]),
)
def test_due_times_only_go_forward(zone: str, at: dt.time, begin: dt.datetime, weekday: int | None) -> None:
    schedule = daily(zone, at.replace(microsecond=0, tzinfo=None))
    if weekday is not None:
        schedule.recurrence, schedule.weekday = Recurrence.WEEKLY, weekday
    first = next_due(schedule, begin)
    second = next_due(schedule, first)
    assert begin < first < second
    days = 1 if weekday is None else 7
    assert dt.timedelta(days=days - 1.1) <= second - first <= dt.timedelta(days=days + 1.1)


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> RunSchedule:
    found = registry.Purpose("onec", "Test", lambda _run: None)
    monkeypatch.setitem(registry._purposes, PURPOSE, found)
    schedule = daily(MOSCOW, dt.time(3))
    schedule.connection = make_connection()
    schedule.next_at = clock.now() - dt.timedelta(days=3)
    schedule.save()
    return schedule


@pytest.mark.django_db(transaction=True)
class TestStarting:
    def test_what_was_missed_is_started_once(self, due: RunSchedule) -> None:
        assert [start_due(), start_due()] == [1, 0]
        due.refresh_from_db()
        assert due.next_at is not None
        assert due.next_at > clock.now()
        run = Run.objects.get()
        assert (run.purpose, run.schedule_id, run.actor) == (PURPOSE, due.pk, None)

    def test_two_beats_start_it_once(self, due: RunSchedule) -> None:
        assert due.next_at
        assert sum(at_once(*[start_due] * 6)) == 1  # type: ignore[arg-type]
        assert Run.objects.count() == 1

    def test_while_the_run_before_goes_on_none_is_started(self, due: RunSchedule) -> None:
        assert start_due() == 1
        RunSchedule.objects.update(next_at=clock.now())
        assert start_due() == 0
        due.refresh_from_db()
        assert due.next_at is not None
        assert due.next_at > clock.now()

    def test_what_is_switched_off_or_paused_waits(self, due: RunSchedule) -> None:
        due.connection.is_active = False
        due.connection.save()
        assert start_due() == 0
        due.connection.is_active = True
        due.connection.save()
        RunSchedule.objects.update(is_enabled=False)
        assert start_due() == 0

    def test_a_passing_failure_is_tried_again_three_times(self, due: RunSchedule) -> None:
        for minutes in (5, 15, 60):
            RunSchedule.objects.update(next_at=clock.now())
            assert start_due() == 1
            assert end(Run.objects.latest("pk"), RunState.FAILED, failure=FailureClass.RETRY)
            due.refresh_from_db()
            assert due.next_at is not None
            assert 0 <= (clock.now() + dt.timedelta(minutes=minutes) - due.next_at).total_seconds() < 30
        RunSchedule.objects.update(next_at=clock.now())
        start_due()
        end(Run.objects.latest("pk"), RunState.FAILED, failure=FailureClass.RETRY)
        due.refresh_from_db()
        set_next(due)
        fresh = due.next_at
        due.refresh_from_db()
        assert (due.failures, due.next_at) == (0, fresh), "it waits for its next day"
