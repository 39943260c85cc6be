"""Norm of the period under summarised accounting (art. 91, 104)."""

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
class MonthNorm(LabourRule):
    """Paid time of the period at most ``norm + over_s`` and at least ``norm - under_s``.

    The lower bound never asks for more than the person can reach at all, where the context knows that.
    """

    mode: Mode = Mode.HARD
    over_s: int = 0
    under_s: int = 8 * 3600
    code: ClassVar[str] = "month_norm"
    article: ClassVar[str] = "104"

    def floor_s(self, context: RuleContext) -> int:
        floor_s = max(context.worker.norm_s - self.under_s, 0)
        return floor_s if context.reachable_paid_s is None else min(floor_s, context.reachable_paid_s)

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        paid_s = sum(shift.paid for shift in shifts) * context.slot_s
        span = (context.midnight(0), context.midnight(context.n_days))
        cap_s, floor_s = context.worker.norm_s + self.over_s, self.floor_s(context)
        if paid_s > cap_s:
            return [self.found(context, span, paid_s, cap_s, Unit.SECONDS, "over")]
        if paid_s < floor_s:
            return [self.found(context, span, paid_s, floor_s, Unit.SECONDS, "under")]
        return []

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        cap = (context.worker.norm_s + self.over_s) // context.slot_s
        limits.paid_cap = cap if limits.paid_cap is None else min(limits.paid_cap, cap)
        limits.paid_floor = max(limits.paid_floor, -(-self.floor_s(context) // context.slot_s))
