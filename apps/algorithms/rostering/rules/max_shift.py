"""Longest shift (art. 94)."""

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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.rostering.shifts import Shift


@register
@dataclass(frozen=True, slots=True)
class MaxShift(LabourRule):
    """Paid length of a shift at most ``max_paid_s``, or the person's own smaller limit."""

    mode: Mode = Mode.HARD
    max_paid_s: int = 12 * 3600
    code: ClassVar[str] = "max_shift"
    article: ClassVar[str] = "94"

    def limit_s(self, context: RuleContext) -> int:
        own_s = context.worker.max_paid_s
        return self.max_paid_s if own_s is None else min(own_s, self.max_paid_s)

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        limit_s = self.limit_s(context)
        return [
            self.found(context, (shift.start, shift.end), paid_s, limit_s, Unit.SECONDS)
            for shift in shifts
            if (paid_s := shift.paid * context.slot_s) > limit_s
        ]

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        most = self.limit_s(context) // context.slot_s
        limits.max_paid = most if limits.max_paid is None else min(limits.max_paid, most)
