"""The month of a variant: people by days, with totals and cover; the number of queries is constant."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from psycopg import sql

from apps.schedules.selectors.arrays import int_columns
from apps.schedules.selectors.cover import cover, day_sums
from apps.schedules.selectors.rows import Person, absence_cells, people_of
from apps.schedules.types import DayTotal, GridFilters, Month, MonthGrid, PersonRow, ShiftCell

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection

    from django.contrib.auth.models import AnonymousUser
    from numpy.typing import NDArray

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import AbsenceCell

ORDERS: dict[str, Callable[[PersonRow], Any]] = {
    "department": lambda row: row.department,
    "site": lambda row: row.site,
    "work_rule": lambda row: row.work_rule,
    "paid": lambda row: row.paid_s,
    "norm": lambda row: row.off_norm_s,
    "violations": lambda row: row.violations,
}
"""Rows come in order of name and keep it among equals."""
SHIFTS = sql.SQL(
    "SELECT shift.employee_id, shift.local_date - {first}::date, shift.id,"
    " (extract(epoch FROM shift.start AT TIME ZONE {zone} - shift.local_date) / 60)::int4,"
    ' (extract(epoch FROM shift."end" AT TIME ZONE {zone} - shift.local_date) / 60)::int4,'
    " shift.paid_s, shift.revision > 0"
    " FROM schedules_shift shift JOIN schedules_plannedperson person"
    " ON person.variant_id = shift.variant_id AND person.employee_id = shift.employee_id"
    " WHERE shift.variant_id = {variant} AND {whose} ORDER BY shift.start"
)
"""Person, day, and the facts of a `ShiftCell`; the server reads the clock."""
LOADS = sql.SQL(
    "SELECT shift.local_date - {first}::date, count(DISTINCT shift.employee_id), sum(shift.paid_s)::int8"
    " FROM schedules_shift shift WHERE shift.variant_id = {variant} AND {whose}"
    " GROUP BY shift.local_date"
)
OWN_CLOCK = sql.SQL("person.time_zone")


def month_grid(
    variant: ScheduleVariant,
    user: User | AnonymousUser,
    filters: GridFilters | None = None,
    *,
    only: Collection[int] | None = None,
) -> MonthGrid:
    """Give the grid of the rows that `user` may see and `filters` let through.

    `only` gives, of the rows that `user` may see, those of these people whatever the filters; the totals stay
    those of the whole grid.
    """
    filters = filters or GridFilters()
    month = Month(variant.month, variant.group.time_zone)
    people = people_of(variant, user, filters)
    counted = {person.employee_id for person in people}
    shown = people
    if only is not None:
        shown = [person for person in people if person.employee_id in only]
        hidden = set(only) - counted
        shown += people_of(variant, user, GridFilters(), hidden) if hidden else []
    zones = {person.employee_id: person.zone for person in shown}
    absences = absence_cells(zones, month.first, month.last)
    shifts = _shifts(variant, month, filters.clock, only)
    rows = [_row(person, month.days, shifts[person.employee_id], absences) for person in shown]
    loads = _loads(variant, month, counted)
    return MonthGrid(
        days=month.days,
        rows=_ordered(rows, filters.order),
        day_totals=_totals(variant, month, loads),
        people=len(people),
        norm_s=sum(person.norm_s for person in people),
        paid_s=int(loads[1].sum()),
        violations=sum(person.violations for person in people),
    )


def _shifts(
    variant: ScheduleVariant, month: Month, zone_name: str, only: Collection[int] | None
) -> defaultdict[int, dict[int, ShiftCell]]:
    """Give the shifts by person and day index; those of one day become one cell."""
    query = SHIFTS.format(
        variant=sql.Literal(variant.pk),
        first=sql.Literal(month.first),
        zone=sql.Literal(zone_name) if zone_name else OWN_CLOCK,
        whose=sql.SQL("true") if only is None else _among(only),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    found: defaultdict[int, dict[int, ShiftCell]] = defaultdict(dict)
    for employee_id, day, shift_id, start, end, paid_s, is_edited in rows:
        days = found[employee_id]
        earlier = days.get(day)
        if earlier is None:
            days[day] = ShiftCell(shift_id, start, end, paid_s, is_edited)
        else:
            days[day] = earlier.joined(end, paid_s, is_edited=is_edited)
    return found


def _among(people: Collection[int]) -> sql.Composed:
    return sql.SQL("shift.employee_id = ANY({})").format(sql.Literal(sorted(people)))


def _loads(variant: ScheduleVariant, month: Month, people: set[int]) -> NDArray[np.int64]:
    """Give how many of the people work on each day and their paid seconds, shape (2, days)."""
    query = LOADS.format(
        variant=sql.Literal(variant.pk), first=sql.Literal(month.first), whose=_among(people)
    )
    loads = np.zeros((2, month.n_days), dtype=np.int64)
    day, count, paid_s = int_columns(query, 3)
    loads[0, day], loads[1, day] = count, paid_s
    return loads


def _row(
    person: Person,
    days: list[dt.date],
    shifts: dict[int, ShiftCell],
    absences: dict[tuple[int, dt.date], AbsenceCell],
) -> PersonRow:
    return PersonRow(
        employee_id=person.employee_id,
        name=person.name,
        personnel_number=person.personnel_number,
        department=person.department,
        site=person.site,
        zone=person.zone,
        work_rule=person.work_rule,
        queue=person.queue,
        norm_s=person.norm_s,
        paid_s=sum(cell.paid_s for cell in shifts.values()),
        shifts=sum(cell.shifts for cell in shifts.values()),
        violations=person.violations,
        cells=[
            shifts.get(index) or absences.get((person.employee_id, day)) for index, day in enumerate(days)
        ],
    )


def _ordered(rows: list[PersonRow], order: str) -> list[PersonRow]:
    key = ORDERS.get(order.removeprefix("-"))
    if key is None:
        return rows[::-1] if order.startswith("-") else rows
    return sorted(rows, key=key, reverse=order.startswith("-"))


def _totals(variant: ScheduleVariant, month: Month, loads: NDArray[np.int64]) -> list[DayTotal]:
    sums = day_sums(cover(variant), month)
    return [
        DayTotal(
            date=day,
            people=int(loads[0, index]),
            paid_s=int(loads[1, index]),
            required_s=int(sums["required"][index]),
            scheduled_s=int(sums["scheduled"][index]),
            under_s=int(sums["under"][index]),
            over_s=int(sums["over"][index]),
        )
        for index, day in enumerate(month.days)
    ]
