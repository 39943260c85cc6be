"""The month of a variant: people by days, with totals and cover; the number of queries is constant."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from psycopg import sql

from apps.schedules.selectors.arrays import int_columns
from apps.schedules.selectors.cover import cover, day_sums
from apps.schedules.selectors.rows import Person, absence_cells, people_of
from apps.schedules.types import DayTotal, GridFilters, Month, MonthGrid, PersonRow, ShiftCell

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from django.contrib.auth.models import AnonymousUser

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
    " (extract(epoch FROM shift.start AT TIME ZONE person.time_zone - shift.local_date) / 60)::int4,"
    ' (extract(epoch FROM shift."end" AT TIME ZONE person.time_zone - shift.local_date) / 60)::int4,'
    " shift.paid_s FROM schedules_shift shift JOIN schedules_plannedperson person"
    " ON person.variant_id = shift.variant_id AND person.employee_id = shift.employee_id"
    " WHERE shift.variant_id = {variant}"
)
"""Person, day, and the facts of a `ShiftCell`; the server reads the person's clock."""


def month_grid(
    variant: ScheduleVariant, user: User | AnonymousUser, filters: GridFilters | None = None
) -> MonthGrid:
    """Give the grid of the rows that `user` may see and `filters` let through."""
    filters = filters or GridFilters()
    month = Month(variant.month, variant.group.time_zone)
    people = people_of(variant, user, filters)
    zones = {person.employee_id: person.zone for person in people}
    absences = absence_cells(zones, month.first, month.last)
    shifts = _shifts(variant, month)
    rows = [_row(person, month.days, shifts[person.employee_id], absences) for person in people]
    rows = _ordered(rows, filters.order)
    return MonthGrid(
        days=month.days,
        rows=rows,
        day_totals=_totals(variant, month, rows),
        norm_s=sum(row.norm_s for row in rows),
        paid_s=sum(row.paid_s for row in rows),
        violations=sum(row.violations for row in rows),
    )


def _shifts(variant: ScheduleVariant, month: Month) -> defaultdict[int, dict[int, ShiftCell]]:
    """Give the shifts by person and day index."""
    query = SHIFTS.format(variant=sql.Literal(variant.pk), first=sql.Literal(month.first))
    found: defaultdict[int, dict[int, ShiftCell]] = defaultdict(dict)
    for employee_id, day, *facts in int_columns(query, 6).T.tolist():
        found[employee_id][day] = ShiftCell(*facts)
    return found


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
        shifts=len(shifts),
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


def _totals(variant: ScheduleVariant, month: Month, rows: list[PersonRow]) -> list[DayTotal]:
    people: Counter[int] = Counter()
    paid_s: Counter[int] = Counter()
    for row in rows:
        for index, cell in enumerate(row.cells):
            if isinstance(cell, ShiftCell):
                people[index] += 1
                paid_s[index] += cell.paid_s
    sums = day_sums(cover(variant), month)
    return [
        DayTotal(
            date=day,
            people=people[index],
            paid_s=paid_s[index],
            required_s=int(sums["required"][index]),
            scheduled_s=int(sums["scheduled"][index]),
            under_s=int(sums["under"][index]),
            over_s=int(sums["over"][index]),
        )
        for index, day in enumerate(month.days)
    ]
