"""Judge the stored shifts of a variant by the labour rules, whoever made them; the optimiser is not asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg import sql

from apps.algorithms.rostering.checking import check_worker
from apps.algorithms.rostering.rules import Mode, RuleContext
from apps.algorithms.rostering.shifts import Activity, ActivityKind, Shift
from apps.schedules.models import ScheduleVariant
from apps.schedules.selectors.arrays import int_columns
from apps.schedules.selectors.crew import crew_of
from apps.schedules.selectors.labour_rules import active_rules
from apps.schedules.selectors.roster import worker_of
from apps.schedules.selectors.slots import slot_clock
from apps.schedules.types import Month
from apps.workcalendar.models import ActivityKind as KindRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from apps.algorithms.rostering.rules import LabourRule, Violation
    from apps.schedules.selectors.slots import SlotClock
    from apps.schedules.types import PersonFacts

CHECK_SLOT_S: Final = 60
SHIFTS: Final = sql.SQL(
    "SELECT id, employee_id, local_date - {month}::date, extract(epoch FROM start)::int8,"
    ' extract(epoch FROM "end")::int8, paid_s'
    " FROM schedules_shift WHERE variant_id = {variant} ORDER BY start"
)
MENDED_LATER: Final = frozenset({"month_norm.under"})
"""A month that is short for now is no reason to refuse an edit: the next one may fill it."""
ACTIVITIES: Final = sql.SQL(
    "SELECT activity.shift_id, activity.kind_id, extract(epoch FROM activity.start)::int8,"
    ' extract(epoch FROM activity."end")::int8'
    " FROM schedules_activity activity JOIN schedules_shift shift ON shift.id = activity.shift_id"
    " WHERE shift.variant_id = {variant} ORDER BY activity.shift_id, activity.start"
)


@dataclass(frozen=True)
class Finding:
    """A violation with its instants; `measured` and `limit` are in `unit` (s, d or n)."""

    employee_id: int
    code: str
    key: str
    mode: str
    start: dt.datetime
    end: dt.datetime
    measured: int
    limit: int
    unit: str

    @property
    def is_hard(self) -> bool:
        return self.mode == Mode.HARD


def mode_in_edits(finding: Finding, planning_rules: Collection[str]) -> str:
    """Give how strictly edits keep the rule: what only planning keeps, or a later edit mends, warns."""
    if finding.code in planning_rules or finding.key in MENDED_LATER:
        return Mode.WARN.value
    return finding.mode


def check_variant(variant_id: int) -> list[Finding]:
    """Give what every rule finds in the stored shifts, against people, absences and rules as they are now.

    Whoever has a shift but is no longer planned is found absent for the whole shift.
    """
    variant = ScheduleVariant.objects.select_related("group").get(pk=variant_id)
    month = Month(variant.month, variant.group.time_zone)
    crew = crew_of(variant.group, month)
    zones = {person.zone_name for person in crew.people} | {month.zone_name}
    clock = slot_clock(month, zones, CHECK_SLOT_S)
    shifts = _stored_shifts(variant, clock)
    reachable = dict(variant.people.values_list("employee_id", "reachable_s"))
    judge = Judge(month, clock, active_rules())
    found = [
        finding
        for person in crew.people
        if person.employee_id in reachable
        for finding in judge.findings(person, shifts[person.employee_id], reachable[person.employee_id])
    ]
    gone = [shift for employee_id in shifts.keys() - crew.by_id for shift in shifts[employee_id]]
    return found + [judge.not_there(shift) for shift in gone]


@dataclass(frozen=True)
class Judge:
    """The labour rules over one month; shifts are in slots of `clock` (a minute)."""

    month: Month
    clock: SlotClock
    rules: tuple[LabourRule, ...]

    def findings(self, person: PersonFacts, shifts: list[Shift], reachable_s: int | None) -> list[Finding]:
        """Give what the rules find in one person's shifts, to the minute."""
        worker = worker_of(person, self.month, self.clock)
        weekday, n_days = self.month.first.weekday(), self.month.n_days
        context = RuleContext(worker, weekday, n_days, self.clock.slot_s, reachable_s)
        return [_finding(violation, self.clock) for violation in check_worker(shifts, context, self.rules)]

    def not_there(self, shift: Shift) -> Finding:
        """Give the finding about the shift of a person who is no longer planned: absent for all of it."""
        start, end = self.clock.instant(shift.start), self.clock.instant(shift.end)
        length_s = (shift.end - shift.start) * self.clock.slot_s
        return Finding(shift.worker_id, "absence", "absence", Mode.HARD, start, end, length_s, 0, "s")


def _stored_shifts(variant: ScheduleVariant, clock: SlotClock) -> defaultdict[int, list[Shift]]:
    """Give the shifts of a variant with their activities in slots, by person, in order.

    A hundred thousand activities: they are read as arrays.
    """
    query = {"variant": sql.Literal(variant.pk), "month": sql.Literal(variant.month)}
    shift_ids, employee_ids, days, starts, ends, paid_s = int_columns(SHIFTS.format(**query), 6)
    owners, kind_ids, begins, finishes = int_columns(ACTIVITIES.format(**query), 4)
    kinds = {pk: ActivityKind(code) for pk, code in KindRow.objects.values_list("pk", "code")}
    leaves: defaultdict[int, list[Activity]] = defaultdict(list)
    for owner, kind_id, start, end in _rows(owners, kind_ids, clock.slots(begins), clock.slots(finishes)):
        leaves[owner].append(Activity(kinds[kind_id], start, end))
    found: defaultdict[int, list[Shift]] = defaultdict(list)
    spans = (clock.slots(starts), clock.slots(ends), paid_s // clock.slot_s)
    for shift_id, employee_id, day, start, end, paid in _rows(shift_ids, employee_ids, days, *spans):
        found[employee_id].append(Shift(employee_id, day, start, end, paid, tuple(leaves[shift_id])))
    return found


def _rows(*columns: NDArray[np.int64]) -> Iterator[tuple[int, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)


def _finding(violation: Violation, clock: SlotClock) -> Finding:
    return Finding(
        employee_id=violation.worker_id,
        code=violation.code,
        key=violation.key,
        mode=str(violation.mode),
        start=clock.instant(violation.start),
        end=clock.instant(violation.end),
        measured=violation.measured,
        limit=violation.limit,
        unit=str(violation.unit),
    )
