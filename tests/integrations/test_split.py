"""The day and night hours of a shift, against the published figures of the contract and by properties."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.wire.onec.split import Hours, split_shift

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR_MS = 3_600_000
ZONES = ("Europe/Moscow", "Europe/Berlin", "Asia/Novosibirsk", "Asia/Kamchatka", "Australia/Lord_Howe", "UTC")


def at(text: str, zone: ZoneInfo = MOSCOW, fold: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def hours(day: float, night: float) -> Hours:
    return Hours(round(day * HOUR_MS), round(night * HOUR_MS))


@pytest.mark.parametrize(
    ("start", "end", "unpaid", "expected"),
    [
        ("2026-11-25 19:00", "2026-11-26 07:00", [], hours(4, 8)),
        (
            "2026-11-25 19:00",
            "2026-11-26 07:00",
            [("2026-11-25 20:00", "2026-11-25 20:30"), ("2026-11-26 01:00", "2026-11-26 01:30")],
            Hours(12_600_000, 27_000_000),
        ),
        ("2026-11-25 22:00", "2026-11-26 01:00", [], hours(0, 3)),
        ("2026-11-25 09:00", "2026-11-25 18:00", [("2026-11-25 13:00", "2026-11-25 14:00")], hours(8, 0)),
        ("2026-11-25 06:00", "2026-11-25 22:00", [], hours(16, 0)),
        ("2026-11-25 05:45", "2026-11-25 22:15", [], hours(16, 0.5)),
        ("2026-11-25 00:00", "2026-11-26 00:00", [], hours(16, 8)),
        (
            "2026-11-25 21:45",
            "2026-11-26 06:15",
            [("2026-11-25 21:30", "2026-11-25 22:30")],
            hours(0.25, 7.5),
        ),
        ("2026-11-25 11:00", "2026-11-25 23:00", [("2026-11-25 16:00", "2026-11-25 16:30")], hours(10.5, 1)),
    ],
)
def test_published_figures(start: str, end: str, unpaid: list[tuple[str, str]], expected: Hours) -> None:
    assert (
        split_shift(at(start), at(end), [(at(left), at(right)) for left, right in unpaid], MOSCOW) == expected
    )


def test_the_clock_of_the_site_decides_what_is_night() -> None:
    start, end = at("2026-11-25 19:00"), at("2026-11-26 07:00")
    assert split_shift(start, end, [], ZoneInfo("Asia/Vladivostok")) == hours(8, 4)  # 02:00 to 14:00 there


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-10-24 22:00", "2026-10-25 06:00", hours(0, 9)),  # the clock goes back: an hour more
        ("2026-03-28 22:00", "2026-03-29 06:00", hours(0, 7)),  # and forth: an hour less
        ("2026-10-24 19:00", "2026-10-25 07:00", hours(4, 9)),
        ("2026-03-28 19:00", "2026-03-29 07:00", hours(4, 7)),
    ],
)
def test_what_elapsed_is_paid_when_the_clock_changes(start: str, end: str, expected: Hours) -> None:
    assert split_shift(at(start, BERLIN), at(end, BERLIN), [], BERLIN) == expected


def test_moscow_of_2014_slept_an_hour_longer() -> None:
    assert split_shift(at("2014-10-25 22:00"), at("2014-10-26 06:00"), [], MOSCOW) == hours(0, 9)


def test_an_hour_that_comes_twice_counts_twice() -> None:
    first, second = at("2026-10-25 02:30", BERLIN), at("2026-10-25 02:30", BERLIN, fold=1)
    assert split_shift(first, second, [], BERLIN) == hours(0, 1)


def test_two_shifts_of_a_date_are_summed() -> None:
    morning = split_shift(at("2026-11-25 05:00"), at("2026-11-25 09:00"), [], MOSCOW)
    evening = split_shift(at("2026-11-25 20:00"), at("2026-11-25 23:00"), [], MOSCOW)
    assert morning + evening == hours(5, 2)
    assert sum([morning, evening], Hours()).total_ms == 7 * HOUR_MS


moments = st.datetimes(dt.datetime(2014, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 - hypothesis adds the zone
lengths = st.integers(1, 26 * HOUR_MS).map(lambda ms: dt.timedelta(milliseconds=ms))
gaps = st.lists(st.tuples(st.integers(-60, 1500), st.integers(-30, 300)), max_size=5)


@given(moments, lengths, gaps, st.sampled_from(ZONES))
def test_day_and_night_are_what_is_paid(
    start: dt.datetime, length: dt.timedelta, gaps: list[tuple[int, int]], zone: str
) -> None:
    unpaid = [
        (start + dt.timedelta(minutes=first), start + dt.timedelta(minutes=first + minutes))
        for first, minutes in gaps
    ]
    split = split_shift(start, start + length, unpaid, ZoneInfo(zone))
    whole = split_shift(start, start + length, [], ZoneInfo(zone))
    assert 0 <= split.day_ms <= whole.day_ms
    assert 0 <= split.night_ms <= whole.night_ms
    assert whole.total_ms == length // dt.timedelta(milliseconds=1)
    paid = [True] * (length // dt.timedelta(minutes=1))  # minute by minute, another way round
    for first, minutes in gaps:
        for minute in range(max(first, 0), min(first + minutes, len(paid))):
            paid[minute] = False
    rest_ms = (length % dt.timedelta(minutes=1)) // dt.timedelta(milliseconds=1)
    assert abs(split.total_ms - sum(paid) * 60_000) <= max(rest_ms, 0)


@given(
    moments.map(lambda moment: moment.replace(second=0, microsecond=0)),
    st.integers(1, 1500),
    st.sampled_from(ZONES),
)
def test_night_is_what_the_clock_on_the_wall_says(start: dt.datetime, minutes: int, zone: str) -> None:
    clock = ZoneInfo(zone)
    local = [(start + dt.timedelta(minutes=minute)).astimezone(clock) for minute in range(minutes)]
    night = sum(moment.hour >= 22 or moment.hour < 6 for moment in local)
    split = split_shift(start, start + dt.timedelta(minutes=minutes), [], clock)
    assert split == Hours((minutes - night) * 60_000, night * 60_000)


@given(moments, lengths, lengths, st.sampled_from(ZONES))
def test_a_shift_cut_in_two_has_the_same_hours(
    start: dt.datetime, first: dt.timedelta, second: dt.timedelta, zone: str
) -> None:
    clock = ZoneInfo(zone)
    start = start.replace(microsecond=0)
    middle, end = start + first, start + first + second
    whole = split_shift(start, end, [], clock)
    assert whole == split_shift(start, middle, [], clock) + split_shift(middle, end, [], clock)
