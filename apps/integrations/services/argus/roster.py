"""Rows of shifts beside what a variant holds: what each row changes, as commands of the editing service."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.schedules.models import Shift
from apps.schedules.selectors.snapshots import snapshots
from apps.schedules.types import AddShift, DeleteShift, PlaceActivity, ResizeShift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from apps.integrations.services.argus.work import Numbered
    from apps.integrations.wire.argus.rows import Person, ShiftRow
    from apps.schedules.models import PlannedPerson, ScheduleVariant
    from apps.schedules.types import Command, ShiftSnapshot

GRID_S = 300
WORK = "work"
_Placed = tuple[dt.datetime, dt.datetime, "WantedShift | None"]


class RowError(Exception):
    """A row that cannot become a shift of the variant."""

    def __init__(self, column: str, reason: Phrase, value: str = "") -> None:
        super().__init__(reason)
        self.column, self.reason, self.value = column, reason, value


@dataclass(frozen=True)
class WantedShift:
    """A row as instants: the shift that the person shall have on its day, or none (`is_off`)."""

    line: int
    employee_id: int
    local_date: dt.date
    start: dt.datetime
    end: dt.datetime
    pauses: tuple[tuple[str, dt.datetime, dt.datetime], ...] | None
    is_off: bool = False


@dataclass
class PersonPlan:
    """What the rows of one person change: commands in their order, rows that change nothing, overlaps."""

    commands: list[tuple[Command, WantedShift]] = field(default_factory=list)
    changed: list[WantedShift] = field(default_factory=list)
    unchanged: list[WantedShift] = field(default_factory=list)
    expected: dict[int, int] = field(default_factory=dict)
    overlapping: list[WantedShift] = field(default_factory=list)
    added: int = 0


class Roster:
    """A variant's people and their shifts."""

    def __init__(self, variant: ScheduleVariant) -> None:
        self.variant = variant
        rows = variant.people.select_related("employee").order_by("employee_id")
        self._people: dict[int, PlannedPerson] = {row.employee_id: row for row in rows}
        self._by: dict[str, dict[str, list[int]]] = {
            name: defaultdict(list) for name in ("personnel_number", "external_id", "full_name")
        }
        for row in self._people.values():
            self._by["personnel_number"][row.employee.personnel_number].append(row.employee_id)
            self._by["external_id"][row.employee.external_id].append(row.employee_id)
            self._by["full_name"][_plain(str(row.employee))].append(row.employee_id)

    def wanted(self, item: Numbered[ShiftRow]) -> WantedShift:
        """Find the person and the instants of a row; `RowError` says which column is wrong."""
        row = item.row
        employee_id = self._find(row.person)
        zone = ZoneInfo(self._people[employee_id].time_zone)
        start, end = _instant(row, row.start, zone), _instant(row, row.end, zone)
        pauses = None
        if row.pauses is not None:
            pauses = tuple(
                (kind, _instant(row, a, zone), _instant(row, b, zone)) for kind, a, b in row.pauses
            )
        if row.is_off:
            return WantedShift(item.line, employee_id, row.day, start, end, None, is_off=True)
        day = start.astimezone(zone).date()
        month = self.variant.month
        if (day.year, day.month) != (month.year, month.month):
            message = Phrase(_("A shift of this variant begins in %(month)s."), {"month": f"{month:%Y-%m}"})
            raise RowError("date", message, row.day.isoformat())
        edges = [start, end, *(edge for pause in pauses or () for edge in pause[1:])]
        if any(edge.timestamp() % GRID_S for edge in edges):
            raise RowError("start", Phrase(_("Times lie on five minutes.")))
        return WantedShift(item.line, employee_id, day, start, end, pauses)

    def held(self, employee_ids: Collection[int]) -> dict[int, list[ShiftSnapshot]]:
        """Give the shifts of these people in the variant, in order; two queries."""
        rows = Shift.objects.filter(variant=self.variant, employee__in=employee_ids).order_by("start", "pk")
        by_person: defaultdict[int, list[ShiftSnapshot]] = defaultdict(list)
        for shift in snapshots(rows).values():
            by_person[shift.employee_id].append(shift)
        return by_person

    def _find(self, person: Person) -> int:
        told = {
            "personnel_number": person.personnel_number,
            "external_id": person.external_id,
            "full_name": _plain(person.full_name),
        }
        for name, value in told.items():
            if not value:
                continue
            found = self._by[name].get(value, [])
            if len(found) == 1:
                return found[0]
            reason = (
                _("Several planned people have this name.") if found else _("Not planned in this variant.")
            )
            raise RowError(name, Phrase(reason), value)
        raise RowError("personnel_number", Phrase(_("It does not say whose row it is.")))


def plan_person(rows: Sequence[WantedShift], held: Sequence[ShiftSnapshot], first_new: int) -> PersonPlan:
    """Give what makes the person's shifts those of the rows; what no row names stays as it is.

    A row takes the shift that the day has, so that its history goes on; a second row of a day is a second
    shift. New shifts are numbered -`first_new`, -`first_new` - 1, …, as the editing service does.
    """
    plan = PersonPlan()
    by_day: defaultdict[dt.date, list[ShiftSnapshot]] = defaultdict(list)
    for shift in held:
        by_day[shift.local_date].append(shift)
    after: dict[int, _Placed] = {shift.shift_id: (shift.start, shift.end, None) for shift in held}
    for row in _in_order(rows, by_day, plan):
        free = by_day[row.local_date]
        if row.is_off:
            _take_out(plan, row, free, after)
            continue
        shift_id = free[0].shift_id if free else -(first_new + plan.added)
        if not free:
            plan.commands.append((AddShift(row.employee_id, row.start, row.end), row))
            plan.added += 1
        else:
            plan.expected[shift_id] = free[0].revision
            if (free[0].start, free[0].end) != (row.start, row.end):
                plan.commands.append((ResizeShift(shift_id, row.start, row.end), row))
            free.pop(0)
        plan.commands += [(command, row) for command in _inside(shift_id, row)]
        plan.changed.append(row)
        after[shift_id] = (row.start, row.end, row)
    plan.overlapping = _overlapping(after.values())
    return plan


def _in_order(
    rows: Iterable[WantedShift], by_day: dict[dt.date, list[ShiftSnapshot]], plan: PersonPlan
) -> list[WantedShift]:
    """Give the rows that change something, days off first; whatever is as wanted leaves its day."""
    left = []
    for row in sorted(rows, key=lambda row: (row.local_date, not row.is_off, row.start, row.line)):
        held = by_day[row.local_date]
        same = next((shift for shift in held if _is_same(row, shift)), None)
        if same is None:
            left.append(row)
        else:
            held.remove(same)
            plan.unchanged.append(row)
    return left


def _take_out(
    plan: PersonPlan, row: WantedShift, free: list[ShiftSnapshot], after: dict[int, _Placed]
) -> None:
    """Take every shift of a day off away."""
    (plan.changed if free else plan.unchanged).append(row)
    for shift in free:
        plan.commands.append((DeleteShift(shift.shift_id), row))
        plan.expected[shift.shift_id] = shift.revision
        after.pop(shift.shift_id)
    free.clear()


def _is_same(row: WantedShift, shift: ShiftSnapshot) -> bool:
    if row.is_off or (row.start, row.end) != (shift.start, shift.end):
        return False
    pauses = tuple((leaf.kind, leaf.start, leaf.end) for leaf in shift.activities if leaf.queue_id is None)
    return row.pauses is None or row.pauses == pauses


def _inside(shift_id: int, row: WantedShift) -> list[Command]:
    """Lay the pauses of the row; without any, those of the person's break rules stay."""
    if row.pauses is None:
        return []
    whole = PlaceActivity(shift_id, WORK, row.start, row.end)
    return [whole, *(PlaceActivity(shift_id, kind, start, end) for kind, start, end in row.pauses)]


def _overlapping(shifts: Iterable[_Placed]) -> list[WantedShift]:
    """Give of each two shifts at once the row that brings it, the later one of two rows."""
    found = []
    ordered = sorted(shifts, key=lambda shift: (shift[0], shift[1]))
    for one, other in pairwise(ordered):
        row = other[2] or one[2]
        if other[0] < one[1] and row is not None:
            found.append(row)
    return found


def _instant(row: ShiftRow, minute: int, zone: ZoneInfo) -> dt.datetime:
    day = row.day + dt.timedelta(days=minute // 1440)
    clock = dt.time(minute % 1440 // 60, minute % 60)
    if row.offset_s is None:
        return dt.datetime.combine(day, clock, zone).astimezone(dt.UTC)
    return dt.datetime.combine(day, clock, dt.UTC) - dt.timedelta(seconds=row.offset_s)


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("ё", "е").split())
