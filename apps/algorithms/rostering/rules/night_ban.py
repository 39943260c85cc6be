"""Ban of night work for minors and pregnant women (art. 96, 259, 268)."""

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
    from collections.abc import Iterator, Sequence

    from apps.algorithms.rostering.shifts import Shift


@register
@dataclass(frozen=True, slots=True)
class NightBan(LabourRule):
    """A person under the ban is away from ``night_start_s`` to ``night_end_s`` of the next local day.

    Hours are those of the local clock, on days when it is set too.
    """

    mode: Mode = Mode.HARD
    night_start_s: int = 22 * 3600
    night_end_s: int = 6 * 3600
    code: ClassVar[str] = "night_ban"
    article: ClassVar[str] = "96"

    def nights(self, context: RuleContext) -> Iterator[tuple[int, int]]:
        start, end = self.night_start_s // context.slot_s, -(-self.night_end_s // context.slot_s)
        for day in range(-1, context.n_days + 1):
            yield context.at(day, start), context.at(day + 1, end)

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        if not context.worker.night_ban:
            return []
        nights = list(self.nights(context))
        found = []
        for shift in shifts:
            for night_start, night_end in nights:
                start, end = max(shift.start, night_start), min(shift.end, night_end)
                if start < end:
                    worked_s = (end - start) * context.slot_s
                    found.append(self.found(context, (start, end), worked_s, 0, Unit.SECONDS))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        if context.worker.night_ban:
            limits.closed += tuple(self.nights(context))
