"""What planning knows of a month and of its people, and what a work rule is made of."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from apps.core.zones import midnight

SLOT_S = 900


@dataclass(frozen=True)
class Month:
    """A calendar month in the zone of a planning group; days are counted from 0."""

    first: dt.date
    zone_name: str

    @cached_property
    def n_days(self) -> int:
        return calendar.monthrange(self.first.year, self.first.month)[1]

    @property
    def last(self) -> dt.date:
        return self.first + dt.timedelta(days=self.n_days - 1)

    @property
    def day_after(self) -> dt.date:
        return self.last + dt.timedelta(days=1)

    @cached_property
    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=day) for day in range(self.n_days)]

    @property
    def start(self) -> dt.datetime:
        return midnight(self.first, self.zone_name)

    @property
    def end(self) -> dt.datetime:
        return midnight(self.day_after, self.zone_name)


@dataclass(frozen=True)
class TemplateSpec:
    """One shift template in minutes: starts of the own day, and paid lengths."""

    name: str
    start_from: int
    start_to: int
    paid_from: int
    paid_to: int
    start_step: int = 30
    paid_step: int = 30
    letter: str = "D"


@dataclass(frozen=True)
class BreakFacts:
    """One break rule, minutes."""

    paid_from: int
    paid_to: int
    lunch: int
    lunch_earliest: int
    lunch_latest: int
    breaks: int
    break_length: int
    min_stretch: int
    max_stretch: int


@dataclass(frozen=True)
class WorkRuleFacts:
    """A work rule with its templates and breaks."""

    work_rule_id: int
    code: str
    rotation: str
    weekdays: str
    follows_calendar: bool
    max_days_a_week: int
    templates: tuple[TemplateSpec, ...]
    breaks: tuple[BreakFacts, ...]


@dataclass(frozen=True)
class ActivityFacts:
    """A leaf activity: `kind` is the code of its kind."""

    kind: str
    start: dt.datetime
    end: dt.datetime
    queue_id: int | None = None


@dataclass(frozen=True)
class ShiftFacts:
    """A shift of one person as stored, with its activities where they were asked for."""

    employee_id: int
    local_date: dt.date
    start: dt.datetime
    end: dt.datetime
    paid_s: int
    activities: tuple[ActivityFacts, ...] = ()


@dataclass(frozen=True)
class PersonFacts:
    """A person of the plan over its month.

    `days` are the day indices on which the person may be planned at all (employed, a member of the queue),
    `off_days` those that the work rule or the law keeps free; `norm_s` is already lowered by absences.
    Published shifts that are not of this plan: `previous` began before the month, `committed` in it or after.
    """

    employee_id: int
    name: str
    queue_id: int
    department_id: int
    site_id: int
    zone_name: str
    work_rule: WorkRuleFacts
    anchor: dt.date | None
    days: frozenset[int]
    off_days: frozenset[int]
    norm_s: int
    absences: tuple[tuple[dt.datetime, dt.datetime], ...]
    night_ban: bool
    max_paid_s: int | None
    previous: tuple[ShiftFacts, ...]
    committed: tuple[ShiftFacts, ...] = ()


@dataclass(frozen=True)
class Unplannable:
    """A member of a queue who cannot be planned; `reason` is `no_work_rule`."""

    employee_id: int
    name: str
    reason: str


@dataclass(frozen=True)
class Crew:
    """The people of a planning group in a month."""

    people: tuple[PersonFacts, ...]
    left_out: tuple[Unplannable, ...]

    def of_queue(self, queue_id: int) -> tuple[PersonFacts, ...]:
        return tuple(person for person in self.people if person.queue_id == queue_id)

    @cached_property
    def by_id(self) -> dict[int, PersonFacts]:
        return {person.employee_id: person for person in self.people}
