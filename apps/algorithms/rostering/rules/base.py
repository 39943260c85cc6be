"""The shape of a labour rule: one object that restrains the solver, checks a schedule and explains itself.

A new rule is one new file with a subclass of :class:`LabourRule` decorated by :func:`register`, imported by
the package. Where :class:`Limits` has a field for it the solver obeys by construction; where it has not,
the solver still accepts a person's month only if ``check`` finds nothing hard in it.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.algorithms.rostering.problem import RosterProblem, Worker
    from apps.algorithms.rostering.shifts import Shift

__all__ = ["REGISTRY", "LabourRule", "Limits", "Mode", "RuleContext", "Unit", "Violation", "register"]

DAYS_IN_WEEK = 7


class Mode(enum.StrEnum):
    IGNORE = "ignore"
    WARN = "warn"
    HARD = "hard"


class Unit(enum.StrEnum):
    SECONDS = "s"
    DAYS = "d"
    COUNT = "n"


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding: which rule, whose schedule, the slots ``[start, end)``, what was measured and the limit.

    ``key`` is the message of the finding for translation, with ``measured`` and ``limit`` in ``unit`` as
    its numbers.
    """

    code: str
    article: str
    mode: Mode
    key: str
    worker_id: int
    start: int
    end: int
    measured: int
    limit: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class RuleContext:
    """Calendar around one person's shifts.

    ``reachable_paid_s``: where known to be below the norm's floor, the most the person can be given at all;
    the norm then asks for no more than that.
    """

    worker: Worker
    first_weekday: int
    n_days: int
    slot_s: int
    reachable_paid_s: int | None = None

    @classmethod
    def of(cls, problem: RosterProblem, worker: Worker, reachable_paid_s: int | None = None) -> RuleContext:
        return cls(worker, problem.first_weekday, problem.n_days, problem.slot_s, reachable_paid_s)

    @property
    def slots_per_day(self) -> int:
        return 86_400 // self.slot_s

    def midnight(self, day: int) -> int:
        """Slot of the local midnight that begins ``day``; days outside the period are taken as 24 h long."""
        if day < 0:
            return self.worker.day_starts[0] + day * self.slots_per_day
        if day > self.n_days:
            return self.worker.day_starts[-1] + (day - self.n_days) * self.slots_per_day
        return self.worker.day_starts[day]

    def at(self, day: int, clock: int) -> int:
        """Slot at which the local clock shows ``clock`` slots after the midnight of ``day``.

        An hour that clocks skip is taken as the moment they are set, one that they repeat the first time.
        """
        elapsed = clock
        for change in self.worker.clock_changes:
            if change.day == day and clock >= change.at:
                elapsed = max(change.at, clock + change.gained)
        return self.midnight(day) + elapsed

    def weeks(self) -> Iterator[range]:
        """Local days of each calendar week (Monday to Sunday) that touches the period, whole, in order."""
        monday = -self.first_weekday
        while monday < self.n_days:
            yield range(monday, monday + DAYS_IN_WEEK)
            monday += DAYS_IN_WEEK


@dataclass(slots=True)
class Limits:
    """What the hard rules leave of one person's freedom, in slots; each rule tightens its own fields.

    ``closed`` are spans no shift may touch, ``closed_days`` local days on which none may start. ``None``
    means that no rule speaks.
    """

    min_gap: int = 0
    max_paid: int | None = None
    max_consecutive_days: int | None = None
    weekly_rest: int = 0
    paid_floor: int = 0
    paid_cap: int | None = None
    lunch_over: int | None = None
    max_continuous: int | None = None
    lunch_min: int = 0
    lunch_max: int | None = None
    closed: tuple[tuple[int, int], ...] = ()
    closed_days: frozenset[int] = frozenset()


class LabourRule(ABC):
    """A rule with its parameters; subclasses are frozen dataclasses with a field ``mode``."""

    code: ClassVar[str]
    article: ClassVar[str]
    mode: Mode

    @abstractmethod
    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        """Judge one person's planned shifts, with the known ones around them taken into account.

        What known shifts break among themselves is no finding: no planned shift takes part in it.
        """

    def inherited(self, context: RuleContext) -> list[Violation]:  # noqa: ARG002 - few rules need it
        """Name what the known shifts have broken inside the period, whatever is planned."""
        return []

    def restrain(self, limits: Limits, context: RuleContext) -> None:  # noqa: B027 - a rule may only check
        """Tighten what the solver may do for this person; called for hard rules only."""

    def found(
        self,
        context: RuleContext,
        span: tuple[int, int],
        measured: int,
        limit: int,
        unit: Unit,
        key: str = "",
    ) -> Violation:
        """Make a finding of this rule; ``key`` tells apart the messages of a rule that has several."""
        return Violation(
            self.code,
            self.article,
            self.mode,
            f"{self.code}.{key}" if key else self.code,
            context.worker.worker_id,
            span[0],
            span[1],
            measured,
            limit,
            unit,
        )


REGISTRY: Final[dict[str, type[LabourRule]]] = {}


RuleType = TypeVar("RuleType", bound="type[LabourRule]")


def register(rule: RuleType) -> RuleType:
    """Class decorator: make the rule known by its code."""
    if rule.code in REGISTRY:
        msg = f"labour rule {rule.code} is registered twice"
        raise ValueError(msg)
    REGISTRY[rule.code] = rule
    return rule
