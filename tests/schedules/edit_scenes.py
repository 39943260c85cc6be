"""A month of three people in three zones and two queues, over a change of clocks, with months around it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from apps.organization.choices import Membership
from apps.schedules.choices import VariantState
from apps.schedules.models import PlannedPerson, RuleViolation, ScheduleEdit, Shift
from apps.schedules.selectors.snapshots import snapshots
from apps.schedules.services import editing
from apps.schedules.services.reference import load_default_rules
from apps.workcalendar.services.kinds import load_kinds
from tests.factories.organization import make_employee, make_member, make_queue
from tests.factories.schedules import make_group, make_shift, make_variant, make_work_rule
from tests.factories.staffing import make_requirement
from tests.factories.workcalendar import make_calendar
from tests.schedules.scenes import EIGHT_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.organization.models import Employee, Queue
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import EditOutcome, ShiftSnapshot

MONTH = dt.date(2027, 3, 1)
"""In Berlin clocks go forward on 28 March."""
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "Europe/Moscow", "Asia/Vladivostok")
SLOT = dt.timedelta(minutes=15)
HOUR = dt.timedelta(hours=1)
FIRST_HOUR = 8
"""From which hour on agents are required (an hour later from 28 March on)."""
NIGHT = (
    ("work", 120),
    ("break", 15),
    ("work", 105),
    ("lunch", 45),
    ("work", 120),
    ("break", 15),
    ("work", 105),
)


@dataclass
class EditScene:
    """A variant with its people and queues; the second queue's only member may help in the first."""

    variant: ScheduleVariant
    people: list[Employee]
    queues: list[Queue]

    def zone(self, person: Employee) -> ZoneInfo:
        return ZoneInfo(ZONES[self.people.index(person)])

    def queue_of(self, person: Employee) -> Queue:
        return self.queues[1 if person == self.people[2] else 0]

    def at(self, person: Employee, day: int, hour: float) -> dt.datetime:
        """Give an instant by the person's clock; days count from 1."""
        local = dt.datetime.combine(MONTH.replace(day=day), dt.time(), self.zone(person))
        return (local + hour * HOUR).astimezone(dt.UTC)

    def add(self, person: Employee, day: int, hour: float = 9, parts: Any = EIGHT_HOURS) -> Shift:
        """Make a stored shift of the variant, as planning does."""
        start = self.at(person, day, hour)
        local_date = start.astimezone(self.zone(person)).date()
        is_published = self.variant.state == VariantState.PUBLISHED
        facts = {"local_date": local_date, "is_published": is_published}
        return make_shift(self.variant, person, start, parts, self.queue_of(person), **facts)

    def state(self) -> dict[int, ShiftSnapshot]:
        """Give every shift of the variant, whole."""
        return snapshots(Shift.objects.filter(variant=self.variant).order_by("pk"))


def make_edit_scene(state: VariantState = VariantState.DRAFT, agents: int = 2) -> EditScene:
    load_kinds()
    load_default_rules()
    make_calendar("ru", (2026, 2027))
    queues = [make_queue(time_zone="Europe/Berlin") for _ in range(2)]
    group = make_group(*queues, time_zone="Europe/Berlin")
    rule = make_work_rule()
    people = [make_employee(time_zone=zone, night_consent=True) for zone in ZONES]
    for person in people:
        rule.assignments.create(employee=person, valid_from=person.hired_on)
    variant = make_variant(group, MONTH, state=state)
    variant.refresh_from_db()  # in UTC: arithmetic on a zone's own times knows no clock changes
    scene = EditScene(variant, people, queues)
    for person in people:
        make_member(scene.queue_of(person), person)
        _plan(scene, person, rule)
    make_member(queues[0], people[2], kind=Membership.RESERVE)
    hours = np.arange(int((variant.end - variant.start) / HOUR)) % 24
    required = np.where(hours >= FIRST_HOUR, agents, 0).tolist()
    variant.requirements.set(
        make_requirement(queue, variant.start, required, step_s=3600) for queue in queues
    )
    _month_before(scene)
    return scene


def _plan(scene: EditScene, person: Employee, rule: Any) -> None:
    terms = person.terms.get()
    PlannedPerson.objects.create(
        variant=scene.variant,
        employee=person,
        queue=scene.queue_of(person),
        department_id=terms.department_id,
        site_id=terms.site_id,
        work_rule=rule,
        time_zone=terms.time_zone,
        norm_s=40 * 3600,
        reachable_s=0,
    )


def _month_before(scene: EditScene) -> None:
    """Publish February with a night shift that runs into March."""
    before = make_variant(scene.variant.group, dt.date(2027, 2, 1), state=VariantState.PUBLISHED)
    person = scene.people[0]
    start = scene.at(person, 1, -2)
    facts = {"local_date": dt.date(2027, 2, 28), "is_published": True}
    make_shift(before, person, start, NIGHT, scene.queues[0], **facts)


def brute_cover(scene: EditScene) -> dict[int, list[int]]:
    """Count who is at work for each queue at the last moment of each slot, activity by activity."""
    shifts = list(scene.state().values())
    shifts += snapshots(Shift.objects.filter(is_published=True).exclude(variant=scene.variant)).values()
    leaves = [leaf for shift in shifts for leaf in shift.activities if leaf.queue_id is not None]
    n_slots = int((scene.variant.end - scene.variant.start) / SLOT)
    ends = scene.variant.start.timestamp() + (np.arange(n_slots) + 1) * SLOT.total_seconds()
    return {
        queue.pk: sum(
            (
                ((leaf.start.timestamp() < ends) & (ends <= leaf.end.timestamp())).astype(int)
                for leaf in leaves
                if leaf.queue_id == queue.pk
            ),
            start=np.zeros(n_slots, dtype=int),
        ).tolist()
        for queue in scene.queues
    }


def turn_last(variant: ScheduleVariant, turn: Callable[..., EditOutcome] = editing.undo) -> EditOutcome:
    """Undo or redo the last edit by its name, as requests and imports do."""
    last = ScheduleEdit.objects.filter(variant=variant, reverses=None).latest("number")
    return turn(variant_id=variant.pk, actor=None, edit_id=last.pk)


def answers_in(variant: ScheduleVariant) -> Counter[tuple[Any, ...]]:
    """Give the stored findings with who answered for them, when and by which edit."""
    names = ("employee_id", "key", "start", "end", "measured", "limit", "edit", "allowed_by", "allowed_at")
    return Counter(RuleViolation.objects.filter(variant=variant).values_list(*names))


def stored_findings(variant: ScheduleVariant) -> Counter[tuple[Any, ...]]:
    names = ("employee_id", "code", "key", "mode", "start", "end", "measured", "limit", "unit")
    return Counter(RuleViolation.objects.filter(variant=variant).values_list(*names))


def check_constraints() -> None:
    """Ask the deferred constraints now: a test's transaction never commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
