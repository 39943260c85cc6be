"""Worked time in slices, and what 1C makes of it, by the figures of the contract."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.wire.onec.facts import (
    SLICE_MS,
    Finding,
    expected_codes,
    hours_of,
    joined,
    judge,
    slices,
)
from apps.integrations.wire.onec.split import Hours

MOSCOW = ZoneInfo("Europe/Moscow")
HOUR_MS = 3_600_000


def at(text: str, zone: ZoneInfo = MOSCOW) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=zone)


def hours(**codes: float) -> dict[str, int]:
    return {code: round(length * HOUR_MS) for code, length in codes.items()}


def test_time_is_cut_into_quarters_of_an_hour() -> None:
    assert slices([(at("25 09:00"), at("25 09:30"))], MOSCOW) == [
        {"start": "2026-11-25T09:00:00+03:00", "time": 900_000},
        {"start": "2026-11-25T09:15:00+03:00", "time": 900_000},
    ]


def test_the_shorter_last_slice_is_that_of_each_continuous_stretch() -> None:
    worked = [(at("25 13:00"), at("25 13:20")), (at("25 09:05"), at("25 09:25:30"))]
    assert slices(worked, MOSCOW) == [
        {"start": "2026-11-25T09:05:00+03:00", "time": 900_000},
        {"start": "2026-11-25T09:20:00+03:00", "time": 330_000},
        {"start": "2026-11-25T13:00:00+03:00", "time": 900_000},
        {"start": "2026-11-25T13:15:00+03:00", "time": 300_000},
    ]


def test_stretches_that_touch_are_one() -> None:
    worked = [(at("25 09:00"), at("25 09:10")), (at("25 09:10"), at("25 09:20"))]
    assert [piece["time"] for piece in slices(worked, MOSCOW)] == [900_000, 300_000]


def test_a_fact_of_nothing_has_no_slices() -> None:
    assert slices([], MOSCOW) == []


def test_slices_tell_the_offset_of_their_own_moment() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = dt.datetime(2026, 10, 25, 2, 45, tzinfo=berlin)
    told = slices([(start, start.astimezone(dt.UTC) + dt.timedelta(minutes=30))], berlin)
    assert [piece["start"] for piece in told] == ["2026-10-25T02:45:00+02:00", "2026-10-25T02:00:00+01:00"]


@pytest.mark.parametrize(
    ("plan", "worked", "expected"),
    [
        (0, ("25 09:00", "25 17:00"), {"РВ": 8}),
        (0, ("25 23:00", "26 03:00"), {"РВН": 4}),
        (8, None, {"НН": 8}),
        (8, ("25 09:00", "25 13:00"), {"НН": 4}),
        (8, ("25 09:00", "25 19:00"), {"С": 2}),
        (8, ("25 09:00", "25 17:00"), {}),
        (0, None, {}),
        (0, ("25 20:00", "26 00:00"), {"РВ": 2, "РВН": 2}),
        (11.5, ("25 09:00", "25 21:30"), {"С": 1}),
        (11.5, ("25 09:00", "25 19:30"), {"НН": 1}),
    ],
)
def test_codes_of_plan_and_fact(
    plan: float, worked: tuple[str, str] | None, expected: dict[str, float]
) -> None:
    fact = hours_of([(at(worked[0]), at(worked[1]))] if worked else [], MOSCOW)
    assert expected_codes(round(plan * HOUR_MS), fact) == hours(**expected)


@pytest.mark.parametrize(
    ("plan", "fact", "shown", "finding"),
    [
        (8, 10, {"Я": 8, "С": 2}, Finding.DONE),
        (11, 13.75, {"Я": 11, "С": 2.75}, Finding.DONE),
        (8, 8 + 1 / 3, {"Я": 8, "С": 0.33}, Finding.DONE),  # 1C shows two decimals
        (8, 10, {"Я": 8}, Finding.NOT_DONE),
        (8, 10, {"Я": 6, "Н": 2}, Finding.NOT_DONE),
        (8, 10, {"Я": 8, "С": 3}, Finding.CANNOT_TELL),  # somebody else's overtime, or more of it
        (8, 10, {"Б": 0}, Finding.CANNOT_TELL),  # sickness displaced what was sent
        (8, 10, {"Я": 12}, Finding.CANNOT_TELL),  # another plan than ours
        (8, 0, {"НН": 8}, Finding.DONE),
        (8, 4, {"Я": 4, "НН": 4}, Finding.DONE),
        (0, 8, {"РВ": 8}, Finding.DONE),
        (0, 8, {"В": 0}, Finding.NOT_DONE),
        (0, 8, {}, Finding.NOT_DONE),
        (0, 8, {"Я": 8}, Finding.CANNOT_TELL),
        (8, 8, {"Я": 8}, Finding.DONE),  # nothing was to come of it
        (8, 8, {"Я": 8, "С": 1}, Finding.CANNOT_TELL),
        (8, 10, None, Finding.CANNOT_TELL),
    ],
)
def test_what_1c_shows_tells_what_became_of_a_fact(
    plan: float, fact: float, shown: dict[str, float] | None, finding: Finding
) -> None:
    told = None if shown is None else hours(**shown)
    assert judge(round(plan * HOUR_MS), Hours(round(fact * HOUR_MS)), told) is finding


@given(st.lists(st.integers(1, 7_200_000), max_size=6), st.integers(0, 3_600_000))
def test_slices_hold_exactly_what_was_worked(lengths_ms: list[int], gap_ms: int) -> None:
    periods, start = [], at("25 00:00").astimezone(dt.UTC)
    for length_ms in lengths_ms:
        periods.append((start, start + dt.timedelta(milliseconds=length_ms)))
        start = periods[-1][1] + dt.timedelta(milliseconds=gap_ms)
    told = slices(periods, MOSCOW)
    assert sum(piece["time"] for piece in told) == sum(lengths_ms)
    assert all(0 < piece["time"] <= SLICE_MS for piece in told)
    assert sum(piece["time"] < SLICE_MS for piece in told) <= len(joined(periods))
    starts = [dt.datetime.fromisoformat(piece["start"]) for piece in told]
    ends = [
        moment + dt.timedelta(milliseconds=piece["time"]) for moment, piece in zip(starts, told, strict=True)
    ]
    assert all(end <= following for end, (_moment, following) in zip(ends, pairwise(starts), strict=False))


@given(st.integers(0, 24), st.integers(0, 20), st.integers(0, 20))
def test_a_fact_is_told_by_its_own_codes(plan: int, by_day: int, by_night: int) -> None:
    fact = Hours(by_day * HOUR_MS, by_night * HOUR_MS)
    expected = expected_codes(plan * HOUR_MS, fact)
    assert all(length_ms > 0 for length_ms in expected.values())
    shown = {"Я": min(plan * HOUR_MS, fact.total_ms)} if plan else {}
    assert judge(plan * HOUR_MS, fact, shown | expected) is Finding.DONE
