"""Overlaps: one person is in one place at a time."""

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
from apps.algorithms.rostering.rules.timeline import around_committed, with_known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.rostering.shifts import Shift


@register
@dataclass(frozen=True, slots=True)
class NoOverlap(LabourRule):
    """Two shifts of one person never overlap, those known from elsewhere included."""

    mode: Mode = Mode.HARD
    code: ClassVar[str] = "no_overlap"
    article: ClassVar[str] = "100"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        found = []
        planned = {id(shift) for shift in shifts}
        latest: Shift | None = None
        for shift in with_known(shifts, context):
            judged = latest is not None and (id(shift) in planned or id(latest) in planned)
            if latest is not None and judged and shift.start < latest.end:
                span = (shift.start, min(shift.end, latest.end))
                overlap_s = (span[1] - span[0]) * context.slot_s
                found.append(self.found(context, span, overlap_s, 0, Unit.SECONDS))
            if latest is None or shift.end > latest.end:
                latest = shift
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        limits.closed += around_committed(context, 0)
