"""The centre that runs: its clock, its simulation up to now, its words for states."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.algorithms.simulation import READY, TALK, WRAP_UP, CentreSimulation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.algorithms.simulation import Deviations, StateChange
    from apps.integrations.simulators.contact_centre.plan import CentrePlan


@dataclass(frozen=True)
class Status:
    """An entry of the directory of statuses; of one with a reason, ids and names are joined by `_`."""

    code: str
    name: str


STATUSES: Mapping[str, Status] = {
    READY: Status("1", "Готов"),
    TALK: Status("2", "Разговор"),
    WRAP_UP: Status("3", "Поствызов"),
    "break": Status("4_1", "Перерыв_Отдых"),
    "lunch": Status("4_2", "Перерыв_Обед"),
    "training": Status("4_3", "Перерыв_Обучение"),
}
OTHER = Status("4_9", "Перерыв_Другое")


def status_of(state: str) -> Status:
    return STATUSES.get(state, OTHER)


class Clock:
    """Time that begins at `start_s` and runs `factor` times as fast as everybody's; 0 stands still."""

    def __init__(self, start_s: float, factor: float = 1.0) -> None:
        self._start_s, self._factor, self._began = start_s, factor, time.monotonic()

    @property
    def factor(self) -> float:
        return self._factor

    def now_s(self) -> float:
        return self._start_s + (time.monotonic() - self._began) * self._factor

    def set_to(self, start_s: float, factor: float) -> None:
        self._start_s, self._factor, self._began = start_s, factor, time.monotonic()


class Centre:
    """A plan that comes true from midnight `history_days` before the clock's start."""

    def __init__(
        self, plan: CentrePlan, clock: Clock, *, history_days: int, seed: int, deviations: Deviations
    ) -> None:
        self.plan, self.clock = plan, clock
        now = self.moment(clock.now_s())
        begins = midnight(now.date() - dt.timedelta(days=history_days), plan)
        self.simulation = CentreSimulation(
            [group.plan for group in plan.groups],
            plan.agent_plans(),
            start_s=begins,
            seed=seed,
            deviations=deviations,
        )
        self.simulation.advance(clock.now_s())
        self.simulation.presence.is_heard = True

    @property
    def now_s(self) -> float:
        """Give the moment up to which everything has happened."""
        return self.simulation.now_s

    def catch_up(self) -> None:
        """Let happen what the clock says has happened."""
        self.simulation.advance(self.clock.now_s())

    def take_changes(self) -> list[StateChange]:
        return self.simulation.presence.take_changes()

    def moment(self, at_s: float) -> dt.datetime:
        """Give the instant on the centre's own clock."""
        return dt.datetime.fromtimestamp(at_s, self.plan.zone_info)


def midnight(day: dt.date, plan: CentrePlan) -> int:
    """Give when the day begins in the centre's zone, in seconds since 1970."""
    return int(dt.datetime.combine(day, dt.time(), plan.zone_info).timestamp())
