"""Two shifts in a row: a second shift may not follow the first without a night between them (art. 103)."""

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
from apps.algorithms.rostering.rules.timeline import around_committed, planned_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.rostering.shifts import Shift


@register
@dataclass(frozen=True, slots=True)
class NoTwoShiftsInRow(LabourRule):
    """At most one shift starts on a local day, and at least ``min_pause_s`` lies between two shifts."""

    mode: Mode = Mode.HARD
    min_pause_s: int = 4 * 3600
    code: ClassVar[str] = "no_two_shifts_in_row"
    article: ClassVar[str] = "103"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        found = []
        for earlier, later in planned_pairs(shifts, context):
            pause_s = (later.start - earlier.end) * context.slot_s
            span = (earlier.start, later.end)
            if earlier.day == later.day:
                found.append(self.found(context, span, 2, 1, Unit.COUNT, "same_day"))
            elif 0 <= pause_s < self.min_pause_s:
                found.append(self.found(context, span, pause_s, self.min_pause_s, Unit.SECONDS, "adjacent"))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        pause = -(-self.min_pause_s // context.slot_s)
        limits.min_gap = max(limits.min_gap, pause)
        limits.closed += around_committed(context, pause)
        limits.closed_days |= {shift.day for shift in context.worker.committed}
