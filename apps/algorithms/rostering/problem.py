"""What a roster has to satisfy: demand by slot, people with their contracts, and the labour rules.

All instants are integer slots counted from the origin instant of the horizon (slot 0); negative slots lie
in the period before it. A local day of a person is an index into the days of the planned period: day 0 is
the first local date of the period for everybody, whatever the zone.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.rules.base import LabourRule
    from apps.algorithms.rostering.shifts import Shift

__all__ = [
    "BreakRule",
    "ClockChange",
    "ObjectiveWeights",
    "RosterProblem",
    "Rotation",
    "RotationKind",
    "ShiftWindow",
    "Span",
    "WorkRule",
    "Worker",
]

DAY_S = 86_400
DAYS_IN_WEEK = 7


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open interval of slots ``[start, end)``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            msg = f"span must end after it starts: [{self.start}, {self.end})"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """Clocks are set on local day ``day``, ``at`` slots after its midnight.

    ``gained`` slots make the day longer than 24 h: negative in spring, when clocks go forward.
    """

    day: int
    at: int
    gained: int


@dataclass(frozen=True, slots=True)
class BreakRule:
    """Lunch and paid breaks of shifts with a paid length in ``[paid_min, paid_max]``; all in slots.

    Attributes
    ----------
    lunch
        Unpaid lunch, 0 for none; the presence is ``paid + lunch``.
    lunch_earliest, lunch_latest
        Bounds of the lunch's start, counted from the start of the shift.
    pauses, pause
        How many paid breaks, and the length of each.
    min_continuous, max_continuous
        Bounds of every run of work between the edges of the shift, the lunch and the breaks.

    """

    paid_min: int
    paid_max: int
    lunch: int
    lunch_earliest: int
    lunch_latest: int
    pauses: int
    pause: int
    min_continuous: int
    max_continuous: int


@dataclass(frozen=True, slots=True)
class ShiftWindow:
    """Shifts a person may be given: starts from the local midnight and paid lengths, in slots, inclusive."""

    start_min: int
    start_max: int
    start_step: int
    paid_min: int
    paid_max: int
    paid_step: int

    def __post_init__(self) -> None:
        if self.start_step < 1 or self.paid_step < 1 or self.paid_min < 1:
            raise ValueError("shift window: steps and the shortest length must be at least one slot")
        if self.start_min < 0:
            raise ValueError("shift window: a shift starts on its own local day, not before")
        if self.start_max < self.start_min or self.paid_max < self.paid_min:
            raise ValueError("shift window: a range ends before it begins")

    @property
    def starts(self) -> range:
        return range(self.start_min, self.start_max + 1, self.start_step)

    @property
    def lengths(self) -> range:
        return range(self.paid_min, self.paid_max + 1, self.paid_step)


class RotationKind(enum.StrEnum):
    FLEXIBLE = "flexible"
    CYCLE = "cycle"
    WEEKDAYS = "weekdays"


@dataclass(frozen=True, slots=True)
class Rotation:
    """Which local days may carry a shift; a working day may stay empty where the norm is filled.

    ``FLEXIBLE``: any days, at most ``days_per_week`` in a calendar week. ``CYCLE``: ``pattern`` repeats,
    day ``d`` is a working day when ``pattern[(d + phase) % len(pattern)]``. ``WEEKDAYS``: ``pattern`` is
    Monday to Sunday.
    """

    kind: RotationKind
    days_per_week: int = DAYS_IN_WEEK
    pattern: tuple[bool, ...] = ()

    def __post_init__(self) -> None:
        if self.kind is RotationKind.WEEKDAYS and len(self.pattern) != DAYS_IN_WEEK:
            raise ValueError("rotation by weekdays needs seven marks, Monday first")
        if self.kind is RotationKind.CYCLE and not any(self.pattern):
            raise ValueError("rotation by cycle needs a pattern with a working day")
        if not 1 <= self.days_per_week <= DAYS_IN_WEEK:
            raise ValueError("rotation: days_per_week must lie in 1..7")


@dataclass(frozen=True, slots=True)
class WorkRule:
    """Rotation, admissible shifts, breaks; the first break rule whose range holds the paid length counts."""

    code: str
    rotation: Rotation
    windows: tuple[ShiftWindow, ...]
    breaks: tuple[BreakRule, ...]

    def break_rule(self, paid: int) -> BreakRule | None:
        """Break rule of a shift of ``paid`` slots, None where no rule names the length."""
        return next((rule for rule in self.breaks if rule.paid_min <= paid <= rule.paid_max), None)


@dataclass(frozen=True, slots=True)
class Worker:
    """One person over the horizon.

    Attributes
    ----------
    day_starts
        Slot of the person's local midnight for each local day of the period, and of the day after the last:
        ``n_days + 1`` numbers. A change of clocks shows as a day that is not 24 h long.
    norm_s
        Paid seconds of the period, already lowered by absences and by a hire or dismissal inside it.
    phase
        Offset into a cycle's pattern on day 0; None lets the solver choose.
    unavailable
        Absences, and the time before hire or after dismissal.
    off_days
        Local days that must stay free (public holidays of a rule that observes them).
    previous
        Known shifts that started before day 0 (``day`` negative), newest last; activities may be left empty.
    committed
        Known shifts from day 0 on that are not planned here (another group's, or the following period's):
        rules count them, they cover no demand and no norm.
    clock_changes
        Days of the period, or the one after it, on which clocks are set.

    """

    worker_id: int
    work_rule: WorkRule
    day_starts: tuple[int, ...]
    norm_s: int
    phase: int | None = None
    unavailable: tuple[Span, ...] = ()
    off_days: frozenset[int] = frozenset()
    night_ban: bool = False
    max_paid_s: int | None = None
    previous: tuple[Shift, ...] = ()
    committed: tuple[Shift, ...] = ()
    clock_changes: tuple[ClockChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectiveWeights:
    """Integer prices of one agent-slot (or one slot of norm); see :mod:`apps.algorithms.rostering.objective`.

    ``deep_under`` is added to ``under`` for agents missing beyond ``deep_share_percent`` of the slot's
    demand. ``norm`` prices each paid slot a person stays below the norm; ``norm_floor`` is added below the
    tolerance of the hard norm rule, so that it is broken only where nothing else is possible.
    """

    under: int = 10
    deep_under: int = 10
    deep_share_percent: int = 10
    over: int = 1
    norm: int = 2
    norm_floor: int = 500


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """Demand of one queue, its people and the rules.

    Attributes
    ----------
    demand : ndarray of int, shape (n_slots,)
        Agents required at work in each slot; zero while the queue is closed.
    open_slots : ndarray of bool, shape (n_slots,), optional
        Where given, a shift may lie only inside these slots.
    first_weekday
        Weekday of day 0, Monday is 0.

    """

    demand: NDArray[np.int64]
    workers: tuple[Worker, ...]
    rules: tuple[LabourRule, ...]
    first_weekday: int
    n_days: int
    slot_s: int = 900
    open_slots: NDArray[np.bool_] | None = None
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)

    def __post_init__(self) -> None:
        if (
            self.demand.ndim != 1
            or not np.issubdtype(self.demand.dtype, np.integer)
            or (self.demand < 0).any()
        ):
            raise ValueError("demand must be a one-dimensional array of integers, none negative")
        if self.open_slots is not None and self.open_slots.shape != self.demand.shape:
            raise ValueError("open_slots must have the shape of demand")
        if DAY_S % self.slot_s:
            msg = f"slot of {self.slot_s} s does not divide a day"
            raise ValueError(msg)
        for worker in self.workers:
            if len(worker.day_starts) != self.n_days + 1:
                msg = f"worker {worker.worker_id}: day_starts needs {self.n_days + 1} slots"
                raise ValueError(msg)
            if worker.day_starts[0] < 0:
                msg = f"worker {worker.worker_id}: the first local midnight lies before slot 0"
                raise ValueError(msg)
        if len({worker.worker_id for worker in self.workers}) != len(self.workers):
            raise ValueError("worker ids must be unique")

    @property
    def n_slots(self) -> int:
        return int(self.demand.shape[0])

    @property
    def slots_per_day(self) -> int:
        return DAY_S // self.slot_s
