"""The norm of a person's month, lowered by absences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from apps.algorithms.norms import norm_minutes
from apps.core.zones import midnight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from apps.organization.types import Member
    from apps.schedules.selectors.calendars import Calendars
    from apps.schedules.types import Month

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class AbsenceSpan:
    """An absence; one that does not reduce the norm leaves its hours to be worked on other days."""

    start: dt.datetime
    end: dt.datetime
    reduces_norm: bool


def month_norm_s(
    member: Member,
    days: Collection[int],
    absences: Iterable[AbsenceSpan],
    month: Month,
    calendars: Calendars,
) -> int:
    """Give the paid seconds that the person owes on `days` of the month.

    The norm is additive by day (order 588n): a working day of the person's calendar owes a fifth of the
    weekly norm, an hour less before a holiday. An absence takes its own length off each day it touches, at
    most what the day owes.
    """
    reducing = [span for span in absences if span.reduces_norm]
    owed = Fraction(0)
    for index in days:
        day = month.days[index]
        terms = member.terms_on(day)
        if terms is None:
            continue
        facts = calendars.days(terms.calendar_code)[index]
        if facts.is_working:
            day_s = _day_s(terms.weekly_norm_minutes, facts.is_short)
            owed += max(day_s - _absent_s(day, terms.zone_name, reducing), Fraction(0)) if reducing else day_s
    return int(owed)


@cache
def _day_s(weekly_norm_minutes: int, is_short: bool) -> Fraction:  # noqa: FBT001 - a key of the cache
    return norm_minutes(weekly_norm_minutes, 1, int(is_short)) * 60


def _absent_s(day: dt.date, zone_name: str, absences: list[AbsenceSpan]) -> int:
    start, end = midnight(day, zone_name), midnight(day + DAY, zone_name)
    overlaps = (min(span.end, end) - max(span.start, start) for span in absences)
    return sum(int(overlap.total_seconds()) for overlap in overlaps if overlap > dt.timedelta(0))
