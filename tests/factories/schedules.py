"""Planning groups, work rules, variants and shifts, without the optimiser."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.schedules.models import (
    Absence,
    Activity,
    BreakPolicy,
    BreakRule,
    PlanningGroup,
    ScheduleVariant,
    Shift,
    ShiftTemplate,
    WorkRule,
    WorkRuleAssignment,
)
from tests.factories.organization import HIRED, make_employee
from tests.factories.sequence import next_number
from tests.factories.workcalendar import make_absence_kind, make_activity_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.models import Employee, Queue

MONTH = dt.date(2027, 2, 1)


def make_group(*queues: Queue, **facts: Any) -> PlanningGroup:
    number = next_number()
    group = PlanningGroup.objects.create(**({"code": f"group-{number}", "name": f"Group {number}"} | facts))
    group.queues.set(queues)
    return group


def make_break_policy(**facts: Any) -> BreakPolicy:
    """Make a policy by paid time: a break up to 4 h; lunches of 30, 45, 60 min up to 6, 9, 12 h."""
    number = next_number()
    policy = BreakPolicy.objects.create(**({"code": f"breaks-{number}", "name": f"Breaks {number}"} | facts))
    rows = ((60, 240, 0, 0, 0, 1), (255, 360, 30, 120, 210, 1), (375, 540, 45, 180, 300, 3))
    for first, last, lunch, earliest, latest, breaks in (*rows, (555, 720, 60, 240, 390, 4)):
        BreakRule.objects.create(
            policy=policy,
            paid_from_minutes=first,
            paid_to_minutes=last,
            lunch_minutes=lunch,
            lunch_earliest_minutes=earliest,
            lunch_latest_minutes=latest,
            breaks=breaks,
        )
    return policy


def make_work_rule(*people: Employee, template: dict[str, Any] | None = None, **facts: Any) -> WorkRule:
    """Make a rule with one shift template (8 to 10 o'clock, 8 h paid), assigned to these people."""
    number = next_number()
    facts = {"code": f"rule-{number}", "name": f"Rule {number}"} | facts
    if "break_policy" not in facts:
        facts["break_policy"] = make_break_policy()
    rule = WorkRule.objects.create(**facts)
    plain = {"name": "day", "start_from_minute": 480, "start_to_minute": 600}
    paid = {"paid_from_minutes": 480, "paid_to_minutes": 480}
    ShiftTemplate.objects.create(work_rule=rule, **(plain | paid | (template or {})))
    for person in people:
        WorkRuleAssignment.objects.create(employee=person, work_rule=rule, valid_from=HIRED, anchor=HIRED)
    return rule


def make_absence(
    employee: Employee, first: dt.date, last: dt.date, kind: str = "vacation", zone: str = "Europe/Moscow"
) -> Absence:
    """Make whole days of absence, both included, by the clock of `zone`."""
    return Absence.objects.create(
        employee=employee,
        kind=make_absence_kind(kind),
        start=dt.datetime.combine(first, dt.time(), ZoneInfo(zone)),
        end=dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), ZoneInfo(zone)),
    )


def make_variant(group: PlanningGroup | None = None, month: dt.date = MONTH, **facts: Any) -> ScheduleVariant:
    group = group or make_group()
    zone = ZoneInfo(group.time_zone)
    end = (month + dt.timedelta(days=32)).replace(day=1)
    facts = {
        "number": next_number(),
        "code_version": "test",
        "start": dt.datetime.combine(month, dt.time(), zone),
        "end": dt.datetime.combine(end, dt.time(), zone),
    } | facts
    return ScheduleVariant.objects.create(group=group, month=month, **facts)


def make_shift(
    variant: ScheduleVariant,
    employee: Employee | None = None,
    start: dt.datetime | None = None,
    parts: Sequence[tuple[str, int]] = (("work", 240), ("lunch", 60), ("work", 240)),
    queue: Queue | None = None,
    **facts: Any,
) -> Shift:
    """Make a shift from `start` (aware) out of `parts`, pairs of an activity kind's code and minutes."""
    start = start or variant.start + dt.timedelta(hours=9)
    minutes = sum(part[1] for part in parts)
    paid = sum(length for code, length in parts if code != "lunch")
    facts = {"local_date": start.date(), "paid_s": paid * 60} | facts
    with transaction.atomic():  # the partition of a shift by its activities is checked at the commit
        shift = Shift.objects.create(
            variant=variant,
            employee=employee or make_employee(),
            start=start,
            end=start + dt.timedelta(minutes=minutes),
            **facts,
        )
        for code, length in parts:
            make_activity(shift, code, start, start + dt.timedelta(minutes=length), queue=queue)
            start += dt.timedelta(minutes=length)
    return shift


def make_activity(
    shift: Shift, code: str, start: dt.datetime, end: dt.datetime, queue: Queue | None = None
) -> Activity:
    kind = make_activity_kind(code)
    return Activity.objects.create(
        shift=shift, kind=kind, start=start, end=end, queue=queue if kind.is_productive else None
    )
