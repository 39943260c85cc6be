"""The cells of a grid that somebody edits, and whom and what they can be given; few queries however many."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.core.errors import NotFoundError
from apps.organization.policies import employees_visible_to
from apps.schedules.models import Activity, Shift
from apps.schedules.selectors.rows import absence_cells
from apps.schedules.types import Month
from apps.schedules.types.selection import (
    SelectedActivity,
    SelectedCell,
    SelectedShift,
    Selection,
)
from apps.workcalendar.models import ActivityKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types.selection import CellAddress

ONE_DAY = dt.timedelta(days=1)
NAME = ("employee__last_name", "employee__first_name", "employee__middle_name")


def selection_of(
    variant: ScheduleVariant,
    user: User | AnonymousUser,
    cells: Sequence[CellAddress],
    sources: Sequence[CellAddress] = (),
) -> Selection:
    """Give the cells with their shifts; `NotFoundError` when `user` does not see one of the people.

    A cell that names a shift becomes that of the day on which the shift begins: a grid of a day shows the end
    of a night as well.
    """
    days = _days_of(variant, [*cells, *sources])
    cells, sources = ([_on_its_day(address, days) for address in part] for part in (cells, sources))
    addresses = [*cells, *sources]
    wanted = {address.employee_id for address in addresses}
    people = {
        employee_id: (_joined(names), zone)
        for employee_id, *names, zone in variant.people.filter(
            employee__in=employees_visible_to(user).filter(pk__in=wanted)
        ).values_list("employee_id", *NAME, "time_zone")
    }
    if wanted - people.keys():
        raise NotFoundError(_("The person is not in this variant or not one of your people."))
    zones = {employee_id: zone for employee_id, (_name, zone) in people.items()}
    shifts = _shifts(variant, addresses, zones)

    def cell(address: CellAddress) -> SelectedCell:
        name, zone = people[address.employee_id]
        return SelectedCell(address, name, zone, tuple(shifts[address.employee_id, address.day]))

    return Selection(tuple(map(cell, cells)), tuple(map(cell, sources)))


def _days_of(
    variant: ScheduleVariant, addresses: Sequence[CellAddress]
) -> dict[tuple[int, int | None], dt.date]:
    """Give the days of the shifts that are named, by person and shift."""
    named = [address.shift_id for address in addresses if address.shift_id is not None]
    rows = variant.shifts.filter(pk__in=named) if named else Shift.objects.none()
    return {(employee, pk): day for employee, pk, day in rows.values_list("employee", "pk", "local_date")}


def _on_its_day(address: CellAddress, days: dict[tuple[int, int | None], dt.date]) -> CellAddress:
    return replace(address, day=days.get((address.employee_id, address.shift_id), address.day))


def people_choices(variant: ScheduleVariant, user: User | AnonymousUser) -> list[tuple[int, str]]:
    """Give the people of the variant whom `user` may see, id and name, in order of name."""
    rows = variant.people.filter(employee__in=employees_visible_to(user))
    ordered = rows.order_by("employee__last_name", "employee__first_name", "employee_id")
    return [
        (employee_id, _joined(names)) for employee_id, *names in ordered.values_list("employee_id", *NAME)
    ]


def swap_choices(
    variant: ScheduleVariant, user: User | AnonymousUser, cell: SelectedCell
) -> list[tuple[int, int, str]]:
    """Give the shifts of others that begin on the day of the cell: id, revision, and whose they are."""
    zones = dict(variant.people.values_list("employee_id", "time_zone"))
    rows = (
        variant.shifts.filter(local_date=cell.day, employee__in=employees_visible_to(user))
        .exclude(employee=cell.employee_id)
        .order_by("employee__last_name", "employee__first_name", "start")
    )
    return [
        (
            pk,
            revision,
            f"{_joined(names)}, {_clock(start, zones, employee_id)}\u2013{_clock(end, zones, employee_id)}",
        )
        for pk, revision, employee_id, start, end, *names in rows.values_list(
            "pk", "revision", "employee_id", "start", "end", *NAME
        )
    ]


def free_day(variant: ScheduleVariant, cell: SelectedCell) -> dt.date | None:
    """Give the next day of the month without a shift or an absence of the person, if there is one."""
    first = cell.day + ONE_DAY
    last = Month(variant.month, cell.zone_name).last
    taken = set(variant.shifts.filter(employee=cell.employee_id).values_list("local_date", flat=True))
    if first > last:
        return None
    absent = absence_cells({cell.employee_id: cell.zone_name}, first, last)
    days = (first + ONE_DAY * step for step in range((last - first).days + 1))
    return next((day for day in days if day not in taken and (cell.employee_id, day) not in absent), None)


def activity_kinds() -> list[tuple[str, str]]:
    """Give the kinds of activity that can be placed in a shift: code and name in the reader's language."""
    return list(ActivityKind.objects.order_by("pk").values_list("code", _name_field()))


def _shifts(
    variant: ScheduleVariant, addresses: Sequence[CellAddress], zones: dict[int, str]
) -> defaultdict[tuple[int, dt.date], list[SelectedShift]]:
    days = {address.day for address in addresses}
    rows = list(
        variant.shifts.filter(employee__in=zones, local_date__in=days)
        .order_by("start")
        .values_list("pk", "employee_id", "local_date", "start", "end", "paid_s", "revision")
    )
    parts: defaultdict[int, list[tuple[str, str, dt.datetime, dt.datetime, int | None]]] = defaultdict(list)
    for shift_id, *facts in (
        Activity.objects.filter(shift__in=[row[0] for row in rows])
        .order_by("start")
        .values_list("shift_id", "kind__code", f"kind__{_name_field()}", "start", "end", "queue_id")
    ):
        parts[shift_id].append(tuple(facts))
    found: defaultdict[tuple[int, dt.date], list[SelectedShift]] = defaultdict(list)
    for pk, employee_id, day, start, end, paid_s, revision in rows:
        zone = ZoneInfo(zones[employee_id])
        activities = tuple(
            SelectedActivity(kind, name, begins.astimezone(zone), ends.astimezone(zone), queue_id)
            for kind, name, begins, ends, queue_id in parts[pk]
        )
        found[employee_id, day].append(
            SelectedShift(pk, revision, start.astimezone(zone), end.astimezone(zone), paid_s, activities)
        )
    return found


def _name_field() -> str:
    return "name_ru" if get_language() == "ru" else "name_en"


def _clock(instant: dt.datetime, zones: dict[int, str], employee_id: int) -> str:
    return f"{instant.astimezone(ZoneInfo(zones[employee_id])):%H:%M}" if employee_id in zones else "?"


def _joined(names: Sequence[str]) -> str:
    return " ".join(part for part in names if part)
