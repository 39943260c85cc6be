"""Judge the stored shifts of a variant by the labour rules, whoever made them; the optimiser is not asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.algorithms.rostering.checking import check_worker
from apps.algorithms.rostering.rules import Mode, RuleContext
from apps.schedules.models import Activity, ScheduleVariant, Shift
from apps.schedules.selectors.crew import crew_of
from apps.schedules.selectors.labour_rules import active_rules
from apps.schedules.selectors.roster import shift_of, worker_of
from apps.schedules.selectors.slots import slot_clock
from apps.schedules.types import ActivityFacts, Month, ShiftFacts

if TYPE_CHECKING:
    import datetime as dt

    from apps.algorithms.rostering.rules import LabourRule, Violation
    from apps.schedules.types import PersonFacts

CHECK_SLOT_S = 60


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


def check_variant(variant_id: int) -> list[Finding]:
    """Give what every rule finds in the stored shifts, against people, absences and rules as they are now.

    Whoever has a shift but is no longer planned is found absent for the whole shift.
    """
    variant = ScheduleVariant.objects.select_related("group").get(pk=variant_id)
    month = Month(variant.month, variant.group.time_zone)
    crew = crew_of(variant.group, month)
    shifts = shifts_of(variant_id)
    reachable = dict(variant.people.values_list("employee_id", "reachable_s"))
    rules = active_rules()
    found = [
        finding
        for person in crew.people
        if person.employee_id in reachable
        for finding in check_person(
            person, month, shifts[person.employee_id], rules, reachable[person.employee_id]
        )
    ]
    gone = [shift for employee_id in shifts.keys() - crew.by_id for shift in shifts[employee_id]]
    return found + [_not_there(shift) for shift in gone]


def check_person(
    person: PersonFacts,
    month: Month,
    shifts: list[ShiftFacts],
    rules: tuple[LabourRule, ...],
    reachable_s: int | None = None,
) -> list[Finding]:
    """Give what the rules find in one person's shifts, to the minute."""
    clock = slot_clock(month, [person.zone_name], CHECK_SLOT_S)
    worker = worker_of(person, month, clock)
    context = RuleContext(worker, month.first.weekday(), month.n_days, CHECK_SLOT_S, reachable_s)
    found = check_worker([shift_of(shift, month, clock) for shift in shifts], context, rules)
    return [
        _finding(violation, clock.instant(violation.start), clock.instant(violation.end))
        for violation in found
    ]


def shifts_of(variant_id: int) -> defaultdict[int, list[ShiftFacts]]:
    """Give the shifts of a variant with their activities, by person, in order; two queries."""
    leaves: defaultdict[int, list[ActivityFacts]] = defaultdict(list)
    rows = Activity.objects.filter(shift__variant=variant_id).order_by("start")
    for shift_id, kind, start, end, queue_id in rows.values_list(
        "shift_id", "kind__code", "start", "end", "queue_id"
    ):
        leaves[shift_id].append(ActivityFacts(kind, start, end, queue_id))
    found: defaultdict[int, list[ShiftFacts]] = defaultdict(list)
    for pk, employee_id, local_date, start, end, paid_s in (
        Shift.objects.filter(variant=variant_id)
        .order_by("start")
        .values_list("pk", "employee_id", "local_date", "start", "end", "paid_s")
    ):
        shift = ShiftFacts(employee_id, local_date, start, end, paid_s, tuple(leaves[pk]))
        found[employee_id].append(shift)
    return found


def _finding(violation: Violation, start: dt.datetime, end: dt.datetime) -> Finding:
    return Finding(
        employee_id=violation.worker_id,
        code=violation.code,
        key=violation.key,
        mode=str(violation.mode),
        start=start,
        end=end,
        measured=violation.measured,
        limit=violation.limit,
        unit=str(violation.unit),
    )


def _not_there(shift: ShiftFacts) -> Finding:
    length_s = int((shift.end - shift.start).total_seconds())
    return Finding(
        shift.employee_id, "absence", "absence", Mode.HARD, shift.start, shift.end, length_s, 0, "s"
    )
