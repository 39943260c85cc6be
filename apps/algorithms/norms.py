"""Norms of working time: how many minutes a person owes for a month, a quarter or a year.

The norm of a period is ``weekly norm / 5 x working days - 1 h x short days`` (order of the Russian Ministry
of Health and Social Development No. 588n of 13 August 2009). It is additive by day, so a change of the weekly
norm, a hire or a dismissal inside the period needs no rule of its own. All arithmetic is exact.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WEEK_DAYS = 5
_SHORT_DAY_CUT = Fraction(60)
_DAY = dt.timedelta(days=1)


class NormPeriod(StrEnum):
    """The accounting period that a row of norms covers; the value is its length in months."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        return {"month": 1, "quarter": 3, "year": 12}[self.value]


class NormError(ValueError):
    """Norms that cannot be computed from what was given."""


@dataclass(frozen=True)
class NormSpan:
    """Days on which one weekly norm and one calendar hold for a person.

    Attributes
    ----------
    first, last
        Both included; no `last` is open.
    weekly_norm_minutes
        Minutes of a full week of the person; a part-time rate is already in it.
    working_days
        Working dates of the calendar, with True where the day is an hour shorter.

    """

    first: dt.date
    last: dt.date | None
    weekly_norm_minutes: int
    working_days: Mapping[dt.date, bool]


@dataclass(frozen=True)
class NormRow:
    """The norm of one period, cut to the asked span and to the person's days; both dates are included."""

    first: dt.date
    last: dt.date
    minutes: Fraction


def norm_minutes(weekly_norm_minutes: int, working_days: int, short_days: int) -> Fraction:
    """Return the exact norm of a period in minutes.

    Parameters
    ----------
    weekly_norm_minutes
        Minutes of a full week, ``>= 0`` (40 h is 2400).
    working_days
        Working days of the period, short ones among them.
    short_days
        Days before a holiday, an hour shorter; a day whose share of the week is less than an hour becomes
        empty, never negative.

    Raises
    ------
    NormError
        A number is negative, or there are more short days than working days.

    """
    if weekly_norm_minutes < 0 or not 0 <= short_days <= working_days:
        raise NormError(
            f"no norm for {weekly_norm_minutes} min a week, {working_days} working, {short_days} short days"
        )
    day = Fraction(weekly_norm_minutes, WEEK_DAYS)
    return day * working_days - min(day, _SHORT_DAY_CUT) * short_days


def norm_rows(first: dt.date, last: dt.date, period: NormPeriod, spans: Sequence[NormSpan]) -> list[NormRow]:
    """Return a row for each period that the person's days touch between two dates.

    Parameters
    ----------
    first, last
        The asked span, both included.
    period
        Month, quarter or year.
    spans
        The person's facts in order, without overlap, already cut to hire and dismissal: days that no span
        holds owe nothing and give no row.

    Raises
    ------
    NormError
        `last` is before `first`, or spans overlap or are out of order.

    """
    if last < first:
        raise NormError(f"the span ends on {last}, before it starts on {first}")
    for before, after in pairwise(spans):
        if before.last is None or after.first <= before.last:
            raise NormError(f"facts from {after.first} overlap those from {before.first}")
    rows = (_row(start, end, spans) for start, end in _periods(first, last, period))
    return [row for row in rows if row is not None]


def _periods(first: dt.date, last: dt.date, period: NormPeriod) -> Iterator[tuple[dt.date, dt.date]]:
    start = first
    while start <= last:
        months = start.year * 12 + (start.month - 1) // period.months * period.months + period.months
        end = min(dt.date(months // 12, months % 12 + 1, 1) - _DAY, last)
        yield start, end
        start = end + _DAY


def _row(start: dt.date, end: dt.date, spans: Sequence[NormSpan]) -> NormRow | None:
    parts = [(max(span.first, start), min(span.last or end, end), span) for span in spans]
    parts = [part for part in parts if part[0] <= part[1]]
    if not parts:
        return None
    minutes = sum((_span_minutes(*part) for part in parts), Fraction(0))
    return NormRow(first=parts[0][0], last=parts[-1][1], minutes=minutes)


def _span_minutes(start: dt.date, end: dt.date, span: NormSpan) -> Fraction:
    days = (start + _DAY * offset for offset in range((end - start).days + 1))
    short = [span.working_days[day] for day in days if day in span.working_days]
    return norm_minutes(span.weekly_norm_minutes, len(short), sum(short))
