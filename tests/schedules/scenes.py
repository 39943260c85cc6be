"""Small months that many tests plan, publish and show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from apps.schedules.models import PlannedPerson
from apps.schedules.services.reference import load_default_rules
from apps.workcalendar.services.kinds import load_kinds
from tests.factories.organization import make_employee, make_member, make_queue
from tests.factories.schedules import make_group, make_shift, make_variant, make_work_rule
from tests.factories.staffing import make_requirement, make_target
from tests.factories.workcalendar import make_calendar

if TYPE_CHECKING:
    from apps.organization.models import Employee, Queue
    from apps.schedules.models import PlanningGroup, ScheduleVariant, Shift, WorkRule
    from apps.staffing.models import RequirementVersion

MONTH = dt.date(2027, 2, 1)
MOSCOW = ZoneInfo("Europe/Moscow")
START = dt.datetime(2027, 2, 1, tzinfo=MOSCOW)
DAYS = 28
SLOTS = 96
FIRST, LAST = 36, 72
"""The queue asks for people from 9 to 18 o'clock."""


@dataclass
class Scene:
    """A queue of its own group, people who work 8 h between 8 and 19 o'clock, and a requirement."""

    queue: Queue
    group: PlanningGroup
    rule: WorkRule
    people: list[Employee] = field(default_factory=list)
    requirement: RequirementVersion | None = None

    def add_people(self, count: int, **facts: Any) -> list[Employee]:
        added = [make_employee(**facts) for _ in range(count)]
        for person in added:
            make_member(self.queue, person)
            self.rule.assignments.create(employee=person, valid_from=person.hired_on)
        self.people += added
        return added

    def require(self, agents: int, **facts: Any) -> RequirementVersion:
        required = np.zeros((DAYS, SLOTS), dtype=int)
        required[:, FIRST:LAST] = agents
        self.requirement = make_requirement(self.queue, START, required.ravel().tolist(), **facts)
        return self.requirement


def make_scene(people: int = 0, agents: int = 0) -> Scene:
    load_kinds()
    load_default_rules()
    make_calendar("ru", (2026, 2027))
    queue = make_queue()
    make_target(queue)
    scene = Scene(queue, make_group(queue), make_work_rule())
    scene.add_people(people)
    if agents:
        scene.require(agents)
    return scene


EIGHT_HOURS = (
    ("work", 105),
    ("break", 15),
    ("work", 75),
    ("lunch", 45),
    ("work", 90),
    ("break", 15),
    ("work", 75),
    ("break", 15),
    ("work", 90),
)
"""A lawful day of 8 paid hours, 08:45 of presence."""


def make_plan(scene: Scene, *, days: range = range(5), norm_h: int = 40) -> ScheduleVariant:
    """Make a draft by hand: everybody works 8 h from 9 o'clock (Moscow) on `days` of the month."""
    variant = make_variant(scene.group, MONTH)
    if scene.requirement is not None:
        variant.requirements.set([scene.requirement])
    for person in scene.people:
        plan_person(variant, scene, person, norm_h)
        for day in days:
            add_shift(variant, scene, person, day)
    return variant


def plan_person(variant: ScheduleVariant, scene: Scene, person: Employee, norm_h: int = 40) -> PlannedPerson:
    terms = person.terms.select_related("site").get()
    return PlannedPerson.objects.create(
        variant=variant,
        employee=person,
        queue=scene.queue,
        department_id=terms.department_id,
        site_id=terms.site_id,
        work_rule=scene.rule,
        time_zone=terms.site.time_zone,
        norm_s=norm_h * 3600,
        reachable_s=0,
    )


def add_shift(variant: ScheduleVariant, scene: Scene, person: Employee, day: int, hour: int = 9) -> Shift:
    start = START + dt.timedelta(days=day, hours=hour)
    return make_shift(variant, person, start, EIGHT_HOURS, scene.queue)
