"""Absence: nobody works while on leave, ill, not yet hired or already dismissed."""

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
class Absence(LabourRule):
    """No shift may touch a span in which the person is unavailable (art. 107: rest is free of duties)."""

    mode: Mode = Mode.HARD
    code: ClassVar[str] = "absence"
    article: ClassVar[str] = "107"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        found = []
        for shift in shifts:
            for span in context.worker.unavailable:
                start, end = max(shift.start, span.start), min(shift.end, span.end)
                if start < end:
                    overlap_s = (end - start) * context.slot_s
                    found.append(self.found(context, (start, end), overlap_s, 0, Unit.SECONDS))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        limits.closed += tuple((span.start, span.end) for span in context.worker.unavailable)
