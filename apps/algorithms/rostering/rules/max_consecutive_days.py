"""Working days in a row (art. 110-111: rest every week)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from apps.algorithms.rostering.rules.base import (
    LabourRule,
    Limits,
    Mode,
    RuleContext,
    Unit,
    Violation,
    register,
)
from apps.algorithms.rostering.rules.timeline import with_previous

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.rostering.shifts import Shift


@register
@dataclass(frozen=True, slots=True)
class MaxConsecutiveDays(LabourRule):
    """At most ``max_days`` consecutive local days with a shift's start; the previous tail counts."""

    mode: Mode = Mode.HARD
    max_days: int = 6
    code: ClassVar[str] = "max_consecutive_days"
    article: ClassVar[str] = "111"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        starts = {shift.day: shift for shift in with_previous(shifts, context)}
        found = []
        for first in sorted(day for day in starts if day - 1 not in starts):
            last = first
            while last + 1 in starts:
                last += 1
            length = last - first + 1
            if length > self.max_days and last >= 0:
                span = (starts[first].start, starts[last].end)
                found.append(self.found(context, span, length, self.max_days, Unit.DAYS))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:  # noqa: ARG002 - same for all
        known = limits.max_consecutive_days
        limits.max_consecutive_days = self.max_days if known is None else min(known, self.max_days)
