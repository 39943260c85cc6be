"""Everything that an edit of some people's shifts has to know, and nothing about the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.algorithms.rostering.shifts import Activity, ActivityKind, Shift
from apps.organization.models import QueueMembership
from apps.schedules.models import Shift as ShiftRow
from apps.schedules.selectors.checking import CHECK_SLOT_S, Finding, Judge, mode_in_edits
from apps.schedules.selectors.crew import crew_of
from apps.schedules.selectors.edit_cover import BookCover
from apps.schedules.selectors.labour_rules import active_rules, planning_only
from apps.schedules.selectors.slots import slot_clock
from apps.schedules.selectors.snapshots import snapshots
from apps.schedules.types import Month
from apps.workcalendar.models import ActivityKind as KindRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from apps.algorithms.rostering.break_table import BreakTable
    from apps.algorithms.rostering.rules import LabourRule
    from apps.schedules.models import PlannedPerson, ScheduleVariant
    from apps.schedules.types import PersonFacts, ShiftSnapshot


@dataclass(frozen=True)
class BookPerson:
    """A planned person: what the variant assumed, and what is known now (None: no longer planned)."""

    row: PlannedPerson
    facts: PersonFacts | None

    @property
    def employee_id(self) -> int:
        return self.row.employee_id

    @property
    def name(self) -> str:
        return str(self.row.employee)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.row.time_zone)


@dataclass(frozen=True)
class EditBook:
    """A variant with the people that an edit touches and all their shifts in it."""

    variant: ScheduleVariant
    month: Month
    people: dict[int, BookPerson]
    shifts: dict[int, ShiftSnapshot]
    kinds: dict[str, KindRow]
    rules: tuple[LabourRule, ...]
    planning_only: frozenset[str]
    break_tables: dict[tuple[int, int, int], BreakTable | None] = field(default_factory=dict, compare=False)
    """Those that were made for a person, a presence and a slot: a month has few different ones."""

    @cached_property
    def judge(self) -> Judge:
        zones = {person.facts.zone_name for person in self.people.values() if person.facts is not None}
        return Judge(
            self.month, slot_clock(self.month, zones | {self.month.zone_name}, CHECK_SLOT_S), self.rules
        )

    @cached_property
    def cover(self) -> BookCover:
        return BookCover(self.variant, self.month)

    @cached_property
    def _queues(self) -> dict[int, set[int]]:
        queues = {employee_id: {person.row.queue_id} for employee_id, person in self.people.items()}
        rows = QueueMembership.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=self.month.first),
            employee__in=self.people,
            valid_from__lte=self.month.last,
        )
        for employee_id, queue_id in rows.values_list("employee_id", "queue_id"):
            queues[employee_id].add(queue_id)
        return queues

    def queues_of(self, employee_id: int) -> set[int]:
        """Give the queues to which the person belongs in the month; one query for all people."""
        return self._queues[employee_id]

    def findings(self, employee_ids: Iterable[int], shifts: Iterable[ShiftSnapshot]) -> list[Finding]:
        """Give what the rules find about these people of the book, were these all shifts of the book."""
        by_person: dict[int, list[Shift]] = {employee_id: [] for employee_id in sorted(employee_ids)}
        for shift in sorted(shifts, key=lambda shift: shift.start):
            if shift.employee_id in by_person:
                by_person[shift.employee_id].append(self._in_slots(shift))
        found: list[Finding] = []
        for employee_id, own in by_person.items():
            person = self.people[employee_id]
            if person.facts is None:
                found += [self.judge.not_there(shift) for shift in own]
            else:
                found += self.judge.findings(person.facts, own, person.row.reachable_s)
        return found

    def mode_of(self, finding: Finding) -> str:
        return mode_in_edits(finding, self.planning_only)

    def _in_slots(self, shift: ShiftSnapshot) -> Shift:
        slot = self.judge.clock.floor
        leaves = tuple(
            Activity(ActivityKind(leaf.kind), slot(leaf.start), slot(leaf.end)) for leaf in shift.activities
        )
        day = (shift.local_date - self.month.first).days
        paid = shift.paid_s // CHECK_SLOT_S
        return Shift(shift.employee_id, day, slot(shift.start), slot(shift.end), paid, leaves)


def read_book(variant: ScheduleVariant, employee_ids: Collection[int]) -> EditBook:
    """Read the book of these people; whoever is not planned in the variant is not in it.

    The number of queries does not grow with the people or the shifts.
    """
    month = Month(variant.month, variant.group.time_zone)
    rows = variant.people.filter(employee__in=employee_ids).select_related("employee").order_by("employee_id")
    planned = list(rows)
    ids = [row.employee_id for row in planned]
    crew = crew_of(variant.group, month, only=ids)
    stored = snapshots(ShiftRow.objects.filter(variant=variant, employee__in=ids).order_by("start", "pk"))
    return EditBook(
        variant=variant,
        month=month,
        people={row.employee_id: BookPerson(row, crew.by_id.get(row.employee_id)) for row in planned},
        shifts=stored,
        kinds={kind.code: kind for kind in KindRow.objects.all()},
        rules=active_rules(),
        planning_only=planning_only(),
    )
