"""Daily rest: a least pause between the end of a shift and the start of the next."""

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
class DailyRest(LabourRule):
    """At least ``min_rest_s`` between two shifts; the Code has no number, a local act sets it (art. 107)."""

    mode: Mode = Mode.HARD
    min_rest_s: int = 12 * 3600
    code: ClassVar[str] = "daily_rest"
    article: ClassVar[str] = "107"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        found = []
        for earlier, later in planned_pairs(shifts, context):
            rest_s = (later.start - earlier.end) * context.slot_s
            if 0 <= rest_s < self.min_rest_s:
                span = (earlier.end, later.start)
                found.append(self.found(context, span, rest_s, self.min_rest_s, Unit.SECONDS))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        rest = -(-self.min_rest_s // context.slot_s)
        limits.min_gap = max(limits.min_gap, rest)
        limits.closed += around_committed(context, rest)
