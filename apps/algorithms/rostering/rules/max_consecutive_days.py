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
from apps.algorithms.rostering.rules.timeline import runs, with_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.algorithms.rostering.shifts import Shift


@register
@dataclass(frozen=True, slots=True)
class MaxConsecutiveDays(LabourRule):
    """At most ``max_days`` consecutive local days with a shift's start; known shifts around them count."""

    mode: Mode = Mode.HARD
    max_days: int = 6
    code: ClassVar[str] = "max_consecutive_days"
    article: ClassVar[str] = "111"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        by_day = {shift.day: shift for shift in with_known(shifts, context)}
        planned = {shift.day for shift in shifts}
        found = []
        for first, last in runs(by_day):
            length = last - first + 1
            if length > self.max_days and planned.intersection(range(first, last + 1)):
                span = (by_day[first].start, by_day[last].end)
                found.append(self.found(context, span, length, self.max_days, Unit.DAYS))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        known = limits.max_consecutive_days
        limits.max_consecutive_days = self.max_days if known is None else min(known, self.max_days)
        limits.closed_days |= frozenset(self._days_off(context))

    def _days_off(self, context: RuleContext) -> Iterator[int]:
        """Days before and after each run of committed days that stay free, so that no run grows too long.

        What a run leaves of ``max_days`` is shared by both sides, where both lie in the period.
        """
        known = {shift.day for shift in with_known((), context)}
        for first, last in runs(known):
            if last < 0:
                continue
            rest = max(self.max_days - (last - first + 1), 0)
            after = rest if first <= 0 else 0 if last >= context.n_days - 1 else rest // 2
            before = first - 1 - (rest - after)
            if before in known or (before < 0 and -1 in known):
                before, after = first - 1, rest
            yield before
            yield last + 1 if last + 1 + after in known else last + 1 + after
