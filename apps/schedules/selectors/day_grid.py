"""The day of a variant: people by quarters of an hour of the group's clock, with the cover above."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from apps.core.zones import midnight
from apps.schedules.models import Activity
from apps.schedules.selectors.cover import cover
from apps.schedules.selectors.rows import Clocks, Person, absence_cells, people_of
from apps.schedules.types import SLOT_S, DayGrid, DayRow, GridFilters, Segment, ShiftCell

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import AbsenceCell

ONE_DAY = dt.timedelta(days=1)
ORDERS: dict[str, Callable[[DayRow], str | int]] = {
    "department": lambda row: row.department,
    "site": lambda row: row.site,
    "work_rule": lambda row: row.work_rule,
    "start": lambda row: row.segments[0].start_slot if row.segments else 0,
    "paid": lambda row: row.shift.paid_s if row.shift else 0,
    "violations": lambda row: row.violations,
}


def day_grid(
    variant: ScheduleVariant,
    user: User | AnonymousUser,
    day: dt.date,
    filters: GridFilters | None = None,
    *,
    only: Collection[int] | None = None,
) -> DayGrid:
    """Give who has work or an absence on `day`; the parts of shifts are cut to the day of the clock.

    The clock is the group's unless the filters name another. `only` gives, of the rows that `user` may see,
    those of these people whatever the filters.
    """
    filters = filters or GridFilters()
    zone = filters.clock or variant.group.time_zone
    start, end = midnight(day, zone), midnight(day + ONE_DAY, zone)
    people = people_of(variant, user, filters if only is None else GridFilters(order=filters.order), only)
    absences = absence_cells({person.employee_id: person.zone for person in people}, day, day)
    shifts, segments = _shifts(variant, day, people), _segments(variant, start, end, only)
    rows = [
        _row(person, shifts.get(person.employee_id), absences.get((person.employee_id, day)), segments)
        for person in people
    ]
    shown = [row for row in rows if row.segments or row.shift or row.absence]
    return DayGrid(day, zone, start, end, _ordered(shown, filters.order), cover(variant, start, end))


def _shifts(variant: ScheduleVariant, day: dt.date, people: list[Person]) -> dict[int, ShiftCell]:
    zones = {person.employee_id: person.zone for person in people}
    clocks = Clocks()
    rows = variant.shifts.filter(local_date=day, employee__in=zones).order_by("start")
    found: dict[int, ShiftCell] = {}
    for pk, employee_id, start, end, paid_s, revision in rows.values_list(
        "pk", "employee_id", "start", "end", "paid_s", "revision"
    ):
        zone, earlier = zones[employee_id], found.get(employee_id)
        begins, ends = clocks.minute(start, zone, day), clocks.minute(end, zone, day)
        if earlier is None:
            found[employee_id] = ShiftCell(pk, begins, ends, paid_s, revision > 0)
        else:
            found[employee_id] = earlier.joined(ends, paid_s, is_edited=revision > 0)
    return found


def _segments(
    variant: ScheduleVariant, start: dt.datetime, end: dt.datetime, only: Collection[int] | None
) -> defaultdict[int, list[Segment]]:
    """Give the activities that touch the span, by person, in order."""
    around = (start.date() - ONE_DAY, end.date() + ONE_DAY)
    rows = Activity.objects.filter(
        shift__variant=variant, shift__local_date__range=around, start__lt=end, end__gt=start
    ).order_by("start")
    if only is not None:
        rows = rows.filter(shift__employee__in=only)
    slots = int((end - start).total_seconds()) // SLOT_S
    found: defaultdict[int, list[Segment]] = defaultdict(list)
    for employee_id, kind, begins, ends, shift_id, revision in rows.values_list(
        "shift__employee_id", "kind__code", "start", "end", "shift_id", "shift__revision"
    ):
        first = max(int((begins - start).total_seconds()) // SLOT_S, 0)
        last = min(-(-int((ends - start).total_seconds()) // SLOT_S), slots)
        found[employee_id].append(Segment(kind, first, last, shift_id, revision > 0))
    return found


def _row(
    person: Person,
    shift: ShiftCell | None,
    absence: AbsenceCell | None,
    segments: defaultdict[int, list[Segment]],
) -> DayRow:
    return DayRow(
        employee_id=person.employee_id,
        name=person.name,
        personnel_number=person.personnel_number,
        department=person.department,
        site=person.site,
        zone=person.zone,
        work_rule=person.work_rule,
        queue=person.queue,
        violations=person.violations,
        shift=shift,
        absence=absence,
        segments=segments.get(person.employee_id, []),
    )


def _ordered(rows: list[DayRow], order: str) -> list[DayRow]:
    key = ORDERS.get(order.removeprefix("-"))
    if key is None:
        return rows[::-1] if order.startswith("-") else rows
    return sorted(rows, key=key, reverse=order.startswith("-"))
