import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.algorithms.norms import NormError, NormPeriod, NormRow, NormSpan, norm_minutes, norm_rows

# Monday to Friday of 2026 without holidays; 30 January is short.
PLAIN_2026 = {
    day: day == dt.date(2026, 1, 30)
    for day in (dt.date(2026, 1, 1) + dt.timedelta(days=offset) for offset in range(365))
    if day.weekday() < 5
}


@pytest.mark.parametrize(
    ("days", "short", "weekly_h", "hours"),
    [
        (247, 6, 40, "1970"),  # 2018, from the specification of 1C's getNormHours
        (247, 6, 36, "1772.4"),
        (247, 6, 30, "1476"),
        (191, 4, 40, "1524"),
        (191, 4, 36, "1371.2"),
        (131, 1, 40, "1047"),
        (131, 1, 36, "942.2"),
        (89, 4, 40, "708"),
        (89, 4, 36, "636.8"),
        (248, 5, 40, "1979"),  # 2024
        (247, 4, 40, "1972"),  # 2025 and 2026
        (247, 4, 36, "1774.4"),
        (247, 4, 24, "1181.6"),
    ],
)
def test_published_norms_are_exact(days: int, short: int, weekly_h: int, hours: str) -> None:
    assert norm_minutes(weekly_h * 60, days, short) == Fraction(hours) * 60


@pytest.mark.parametrize(("days", "short", "hours"), [(57, 2, 454), (61, 0, 488), (65, 0, 520), (64, 1, 511)])
def test_quarters_of_2023(days: int, short: int, hours: int) -> None:
    assert norm_minutes(2400, days, short) == hours * 60


def test_a_week_that_five_does_not_divide_stays_exact() -> None:
    assert norm_minutes(2401, 21, 1) == Fraction(2401 * 21, 5) - 60


def test_a_short_day_never_takes_more_than_it_has() -> None:
    assert norm_minutes(100, 20, 3) == 17 * 20
    assert norm_minutes(0, 20, 3) == 0


@pytest.mark.parametrize("facts", [(-1, 20, 0), (2400, 20, 21), (2400, -1, -1), (2400, 20, -1)])
def test_impossible_counts_are_refused(facts: tuple[int, int, int]) -> None:
    with pytest.raises(NormError):
        norm_minutes(*facts)


def test_months_quarters_and_years_are_cut_to_the_asked_span() -> None:
    person = [NormSpan(dt.date(2020, 1, 1), None, 2400, PLAIN_2026)]
    first, last = dt.date(2026, 1, 15), dt.date(2026, 5, 10)
    months = norm_rows(first, last, NormPeriod.MONTH, person)
    assert [(row.first, row.last) for row in months] == [
        (dt.date(2026, 1, 15), dt.date(2026, 1, 31)),
        (dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
        (dt.date(2026, 3, 1), dt.date(2026, 3, 31)),
        (dt.date(2026, 4, 1), dt.date(2026, 4, 30)),
        (dt.date(2026, 5, 1), dt.date(2026, 5, 10)),
    ]
    assert [row.minutes for row in months] == [12 * 480 - 60, 20 * 480, 22 * 480, 22 * 480, 6 * 480]
    quarters = norm_rows(first, last, NormPeriod.QUARTER, person)
    assert [(row.first, row.last) for row in quarters] == [
        (dt.date(2026, 1, 15), dt.date(2026, 3, 31)),
        (dt.date(2026, 4, 1), dt.date(2026, 5, 10)),
    ]
    total = sum((row.minutes for row in months), Fraction(0))
    assert sum(row.minutes for row in quarters) == total
    assert norm_rows(first, last, NormPeriod.YEAR, person) == [NormRow(first, last, total)]


def test_a_period_across_new_year_is_split_there() -> None:
    person = [NormSpan(dt.date(2020, 1, 1), None, 2400, PLAIN_2026)]
    rows = norm_rows(dt.date(2025, 12, 1), dt.date(2026, 1, 31), NormPeriod.YEAR, person)
    assert [row.first for row in rows] == [dt.date(2025, 12, 1), dt.date(2026, 1, 1)]


def test_hire_and_dismissal_cut_the_first_and_the_last_row() -> None:
    person = [NormSpan(dt.date(2026, 2, 16), dt.date(2026, 4, 1), 2400, PLAIN_2026)]
    rows = norm_rows(dt.date(2026, 1, 1), dt.date(2026, 12, 31), NormPeriod.MONTH, person)
    assert rows == [
        NormRow(dt.date(2026, 2, 16), dt.date(2026, 2, 28), Fraction(10 * 480)),
        NormRow(dt.date(2026, 3, 1), dt.date(2026, 3, 31), Fraction(22 * 480)),
        NormRow(dt.date(2026, 4, 1), dt.date(2026, 4, 1), Fraction(480)),
    ]


def test_a_change_of_the_weekly_norm_inside_a_month_counts_from_its_day() -> None:
    person = [
        NormSpan(dt.date(2026, 1, 1), dt.date(2026, 3, 15), 2400, PLAIN_2026),
        NormSpan(dt.date(2026, 3, 16), None, 2160, PLAIN_2026),
    ]
    rows = norm_rows(dt.date(2026, 3, 1), dt.date(2026, 3, 31), NormPeriod.MONTH, person)
    assert rows == [NormRow(dt.date(2026, 3, 1), dt.date(2026, 3, 31), Fraction(10 * 480 + 12 * 432))]


def test_days_between_two_employments_owe_nothing() -> None:
    person = [
        NormSpan(dt.date(2026, 3, 1), dt.date(2026, 3, 6), 2400, PLAIN_2026),
        NormSpan(dt.date(2026, 3, 30), None, 2400, PLAIN_2026),
    ]
    (row,) = norm_rows(dt.date(2026, 3, 1), dt.date(2026, 3, 31), NormPeriod.MONTH, person)
    assert row.minutes == 7 * 480


@given(cut=st.integers(0, 363), weekly=st.integers(0, 3600), period=st.sampled_from(NormPeriod))
def test_a_split_with_the_same_norm_changes_nothing(cut: int, weekly: int, period: NormPeriod) -> None:
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    middle = first + dt.timedelta(days=cut)
    whole = [NormSpan(first, None, weekly, PLAIN_2026)]
    split = [
        NormSpan(first, middle, weekly, PLAIN_2026),
        NormSpan(middle + dt.timedelta(days=1), None, weekly, PLAIN_2026),
    ]
    assert norm_rows(first, last, period, split) == norm_rows(first, last, period, whole)


def test_facts_out_of_order_and_spans_backwards_are_refused() -> None:
    open_ended = NormSpan(dt.date(2026, 1, 1), None, 2400, PLAIN_2026)
    later = NormSpan(dt.date(2026, 2, 1), None, 2400, PLAIN_2026)
    with pytest.raises(NormError, match="2026-02-01"):
        norm_rows(dt.date(2026, 1, 1), dt.date(2026, 3, 1), NormPeriod.MONTH, [open_ended, later])
    with pytest.raises(NormError, match="before it starts"):
        norm_rows(dt.date(2026, 3, 1), dt.date(2026, 1, 1), NormPeriod.MONTH, [open_ended])
