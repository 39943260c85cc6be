"""What the optimiser hands back: shifts, the proven bound, and the reasons for whatever could not be met."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from apps.algorithms.rostering.rules.base import Violation
    from apps.algorithms.rostering.shifts import Shift

__all__ = [
    "ConflictReason",
    "PhaseLog",
    "Progress",
    "RosterSolution",
    "RuleConflict",
    "Shortage",
    "ShortageKey",
    "SolveStatus",
]


ShortageKey = Literal["head_count", "day", "closed_to_people"]
ConflictReason = Literal["absence", "rotation", "open_hours", "previous_period", "rules"]


class SolveStatus(enum.StrEnum):
    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Progress:
    """State of a running solve; ``fraction`` is the share of the time limit that is used up."""

    phase: str
    fraction: float
    objective: int | None
    bound: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class PhaseLog:
    """One finished phase: seconds spent in it, objective and bound known at its end, rounds made."""

    phase: str
    seconds: float
    objective: int | None
    bound: int | None
    rounds: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """Demand that people cannot meet.

    ``key`` is ``head_count`` (the period needs more agent-hours than everybody's norm gives), ``day`` (one
    day, ``day`` set, stays short) or ``closed_to_people`` (demand of ``day`` where no admissible shift
    of anybody reaches).
    """

    key: ShortageKey
    required_h: float
    available_h: float
    day: int | None = None


@dataclass(frozen=True, slots=True)
class RuleConflict:
    """A person whose own rules contradict each other: rule ``code`` asks for more than can be reached.

    ``reason`` names the stronger side.
    """

    worker_id: int
    code: str
    article: str
    limit_h: float
    reachable_h: float
    reason: ConflictReason


@dataclass(frozen=True, slots=True)
class RosterSolution:
    """Schedule with its figures.

    Attributes
    ----------
    objective, bound
        Value of this schedule, and a number that no lawful schedule can be below (proven, same objective).
    gap
        ``(objective - bound) / objective``, 0 where both are zero.
    coverage : ndarray of int, shape (n_slots,)
        People at work (not at lunch, not on a break) in each slot.
    under_slots, over_slots, demand_slots
        Agent-slots missing, in excess and required over the horizon.
    violations
        Findings of the independent checkers; none of them hard unless a conflict explains it.

    """

    shifts: tuple[Shift, ...]
    status: SolveStatus
    objective: int
    bound: int
    coverage: NDArray[np.int64]
    demand_slots: int
    under_slots: int
    over_slots: int
    seed: int
    seconds: float
    phases: tuple[PhaseLog, ...] = ()
    violations: tuple[Violation, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    conflicts: tuple[RuleConflict, ...] = ()
    parameters: dict[str, int | float | str] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        return 0.0 if self.objective == 0 else (self.objective - self.bound) / self.objective

    @property
    def under_share(self) -> float:
        return self.under_slots / self.demand_slots if self.demand_slots else 0.0
