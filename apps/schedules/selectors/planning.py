"""Everything that planning a month needs, read at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.algorithms.rostering.problem import RosterProblem
from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.phrases import Phrase
from apps.core.zones import midnight
from apps.schedules.models import PlanningGroup
from apps.schedules.selectors.crew import crew_of
from apps.schedules.selectors.demand import QueueDemand, opening, queue_demand
from apps.schedules.selectors.labour_rules import active_rules
from apps.schedules.selectors.roster import worker_of
from apps.schedules.selectors.slots import SlotClock, slot_clock
from apps.schedules.types import SLOT_S, Month

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from apps.algorithms.rostering.rules import LabourRule
    from apps.organization.models import Queue
    from apps.schedules.types import Crew


@dataclass(frozen=True)
class PlanInputs:
    """What a month is planned from."""

    group: PlanningGroup
    month: Month
    crew: Crew
    rules: tuple[LabourRule, ...]
    queues: tuple[Queue, ...]
    demands: dict[int, QueueDemand]

    @property
    def requirement_ids(self) -> list[int]:
        return sorted(demand.version_id for demand in self.demands.values())

    def differs_from(self, other: PlanInputs) -> str:
        """Name the first input that is not the same: `requirement`, `people` or `rules`; empty if all are."""
        pairs = {
            "requirement": (self.requirement_ids, other.requirement_ids),
            "people": (self.crew, other.crew),
            "rules": (self.rules, other.rules),
        }
        return next((name for name, (mine, theirs) in pairs.items() if mine != theirs), "")


def group_by_id(group_id: int) -> PlanningGroup:
    """Give the planning group, or `NotFoundError`."""
    group = PlanningGroup.objects.filter(pk=group_id).first()
    if group is None:
        raise NotFoundError(_("There is no planning group %(key)s.") % {"key": group_id})
    return group


def group_by_code(code: str) -> PlanningGroup:
    """Give the planning group called `code`, or `NotFoundError`."""
    group = PlanningGroup.objects.filter(code=code).first()
    if group is None:
        raise NotFoundError(_("There is no planning group %(key)s.") % {"key": code})
    return group


def plan_key(group_id: int, month: dt.date) -> str:
    """Give the key under which one plan of a group's month runs at a time."""
    return f"plan:{group_id}:{month:%Y-%m}"


def month_of(group: PlanningGroup, month: dt.date) -> Month:
    """Give the month that begins on `month`; `DomainError` on another day than the first."""
    if month.day != 1:
        message = _("A month is named by its first day, not %(day)s.") % {"day": month}
        raise DomainError(message, fields={"month": [message]})
    return Month(month, group.time_zone)


def plan_inputs(group_id: int, first: dt.date) -> PlanInputs:
    """Read what a month is planned from; refuse where queues, people or requirement are missing."""
    group = group_by_id(group_id)
    month = month_of(group, first)
    queues = tuple(group.queues.order_by("pk"))
    if not queues:
        raise DomainError(
            Phrase(gettext_noop("The planning group %(group)s has no queue."), {"group": str(group)})
        )
    crew = crew_of(group, month)
    if not crew.people:
        raise DomainError(
            Phrase(
                gettext_noop("Nobody in %(group)s can be planned: no main member with a work rule."),
                {"group": str(group)},
            )
        )
    return PlanInputs(
        group=group,
        month=month,
        crew=crew,
        rules=active_rules(),
        queues=queues,
        demands={queue.pk: _demand_of(queue, month) for queue in queues},
    )


def _demand_of(queue: Queue, month: Month) -> QueueDemand:
    demand = queue_demand(queue.pk, month)
    if demand is None:
        raise ConflictError(
            Phrase(
                gettext_noop(
                    "Queue %(queue)s has no active requirement for all of %(month)s: derive it first."
                ),
                {"queue": str(queue), "month": f"{month.first:%Y-%m}"},
            )
        )
    return demand


def roster_problem(inputs: PlanInputs, queue: Queue) -> tuple[RosterProblem, SlotClock]:
    """Give the problem of one queue, and the clock of its slots.

    The horizon goes from the earliest local beginning of the month to the latest local end over the people
    and the group; the demand is that of the group's month.
    """
    people, month = inputs.crew.of_queue(queue.pk), inputs.month
    zones = {person.zone_name for person in people} | {month.zone_name}
    clock = slot_clock(month, zones, SLOT_S)
    n_slots = max(clock.floor(midnight(month.day_after, zone)) for zone in zones)
    return RosterProblem(
        demand=_on_horizon(inputs.demands[queue.pk].required, clock.floor(month.start), n_slots),
        workers=tuple(worker_of(person, month, clock) for person in people),
        rules=inputs.rules,
        first_weekday=month.first.weekday(),
        n_days=month.n_days,
        slot_s=SLOT_S,
        open_slots=opening(queue, clock.origin, n_slots),
    ), clock


def _on_horizon(required: NDArray[np.int64], first_slot: int, n_slots: int) -> NDArray[np.int64]:
    demand = np.zeros(n_slots, dtype=np.int64)
    demand[first_slot : first_slot + required.size] = required
    return demand
