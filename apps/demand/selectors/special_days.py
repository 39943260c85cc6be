"""Special days: which hold for a queue, and what they multiply its contacts by."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Q

from apps.demand.choices import SpecialDayKind
from apps.demand.models import SpecialDay
from apps.demand.types import CombinedDays
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.selectors import holidays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from apps.demand.types import FloatArray
    from apps.organization.models import Queue

_DAY = dt.timedelta(days=1)


def special_days_of(queue: Queue, first: dt.date, end: dt.date) -> QuerySet[SpecialDay]:
    """Give what holds from `first` up to `end`: for the queue itself, for its calendar, for all queues."""
    mine = Q(queue=queue) | Q(queue=None, calendar_code="")
    if queue.calendar_code:
        mine |= Q(queue=None, calendar_code=queue.calendar_code)
    return SpecialDay.objects.filter(mine, first_day__lt=end, last_day__gte=first)


def coefficients(days: Sequence[SpecialDay], first: dt.date, count: int, step_s: int) -> FloatArray:
    """Give the combined coefficient of each interval of local days from `first`, shape (count, slots).

    Coefficients add up as 1 + sum(k - 1); but 0 tells that nobody calls, whatever else falls there.
    """
    slots = 86_400 // step_s
    extra, is_open = np.zeros((count, slots)), np.ones((count, slots))
    cell = np.arange(slots)
    for item in days:
        begin, stop = max((item.first_day - first).days, 0), min((item.last_day - first).days + 1, count)
        left, right = item.from_minute * 60 / step_s, item.to_minute * 60 / step_s
        share = np.clip(np.minimum(cell + 1, right) - np.maximum(cell, left), 0.0, 1.0)
        if stop <= begin:
            continue
        if item.coefficient == 0:
            is_open[begin:stop] = np.minimum(is_open[begin:stop], 1.0 - share)
        else:
            extra[begin:stop] += share * (float(item.coefficient) - 1.0)
    return np.maximum(1.0 + extra, 0.0) * is_open


def combined_days(queue: Queue, first: dt.date, end: dt.date) -> list[CombinedDays]:
    """Give the special days of a queue from `first` up to `end` as they combine, days alike together."""
    found = list(special_days_of(queue, first, end))
    grid = coefficients(found, first, (end - first).days, queue.step_minutes * 60)
    rows: list[CombinedDays] = []
    for offset, values in enumerate(grid):
        day = first + offset * _DAY
        names = tuple(item.name for item in found if item.first_day <= day <= item.last_day)
        if not names:
            continue
        row = CombinedDays(day, day, names, float(values.min()), float(values.max()))
        if rows and rows[-1] == replace(row, first_day=rows[-1].first_day, last_day=day - _DAY):
            row = replace(row, first_day=rows.pop().first_day)
        rows.append(row)
    return rows


def told_days(days: Sequence[SpecialDay], first: dt.date, end: dt.date) -> frozenset[dt.date]:
    """Give the days from `first` up to `end` whose whole effect a special day tells."""
    return frozenset(
        first + offset * _DAY
        for item in days
        if item.kind == SpecialDayKind.DAY and item.is_whole_day
        for offset in range(
            max((item.first_day - first).days, 0), (min(item.last_day + _DAY, end) - first).days
        )
    )


def names_of_days(queue: Queue, first: dt.date, end: dt.date) -> dict[dt.date, str]:
    """Give the names of special days and public holidays from `first` up to `end`, for people to read."""
    names: dict[dt.date, str] = {}
    for year in range(first.year, end.year + 1) if queue.calendar_code else ():
        begin, last = max(first, dt.date(year, 1, 1)), min(end - _DAY, dt.date(year, 12, 31))
        if begin > last:
            continue
        try:
            names |= {fact.date: fact.holiday_name for fact in holidays(queue.calendar_code, begin, last)}
        except CalendarMissingError:
            continue
    for item in special_days_of(queue, first, end):
        for offset in range((min(item.last_day + _DAY, end) - max(item.first_day, first)).days):
            day = max(item.first_day, first) + offset * _DAY
            names[day] = f"{names[day]}, {item.name}" if names.get(day) else item.name
    return names


def stamp(days: Sequence[SpecialDay]) -> list[dict[str, str | int | float]]:
    """Give what a forecast keeps of the special days it used."""
    return [
        {
            "id": item.pk,
            "name": item.name,
            "kind": str(item.kind),
            "first_day": item.first_day.isoformat(),
            "last_day": item.last_day.isoformat(),
            "from_minute": item.from_minute,
            "to_minute": item.to_minute,
            "coefficient": float(item.coefficient),
        }
        for item in days
    ]
