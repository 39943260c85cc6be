"""When something that repeats is due next: by the clock of its zone, once on each due day."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apps.integrations.choices import Recurrence
from apps.integrations.models.schedule import LAST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import RunSchedule

WEEK = 7
MONTHS = 12


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> dt.date:
    """Give the n-th (1 to 4) or last (-1) `weekday` (Monday 0) of a month."""
    first, days = calendar.monthrange(year, month)
    earliest = 1 + (weekday - first) % WEEK
    if nth == LAST:
        return dt.date(year, month, earliest + (days - earliest) // WEEK * WEEK)
    return dt.date(year, month, earliest + (nth - 1) * WEEK)


def next_due(schedule: RunSchedule, after: dt.datetime) -> dt.datetime:
    """Give the first due instant later than `after`, in UTC.

    A time that the clock skips is due as long after midnight as on any other day; one that it shows twice is
    due the first time.
    """
    zone = ZoneInfo(schedule.time_zone)
    begin = after.astimezone(zone).date() - dt.timedelta(days=1)
    for day in _days(schedule, begin):
        due = dt.datetime.combine(day, schedule.at, zone).astimezone(dt.UTC)
        if due > after:
            return due
    raise RuntimeError("A schedule has no end.")


def _days(schedule: RunSchedule, begin: dt.date) -> Iterator[dt.date]:
    """Give the due days from `begin` on."""
    if schedule.recurrence == Recurrence.MONTHLY:
        weekday, nth = schedule.weekday or 0, schedule.nth or LAST
        month = begin.year * MONTHS + begin.month - 1
        while True:
            yield nth_weekday(month // MONTHS, month % MONTHS + 1, weekday, nth)
            month += 1
    step = 1
    if schedule.recurrence == Recurrence.WEEKLY:
        begin += dt.timedelta(days=((schedule.weekday or 0) - begin.weekday()) % WEEK)
        step = WEEK
    while True:
        yield begin
        begin += dt.timedelta(days=step)
