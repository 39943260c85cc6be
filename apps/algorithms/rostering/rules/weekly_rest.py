"""Weekly uninterrupted rest (art. 110)."""

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


def longest_rest(shifts: Sequence[Shift], start: int, end: int) -> int:
    """Longest run of slots inside ``[start, end)`` free of ``shifts`` (in order of start)."""
    longest, free_from = 0, start
    for shift in shifts:
        if shift.end <= start or shift.start >= end:
            continue
        longest = max(longest, shift.start - free_from)
        free_from = max(free_from, shift.end)
    return max(longest, end - free_from)


@register
@dataclass(frozen=True, slots=True)
class WeeklyRest(LabourRule):
    """At least ``min_rest_s`` without interruption, wholly inside each calendar week of the local time.

    The strict reading: rest that runs over Sunday midnight counts only with its part inside the week. A
    week cut by the edge of the period counts whole: known earlier shifts are counted, time nobody has
    planned yet is free.
    """

    mode: Mode = Mode.HARD
    min_rest_s: int = 42 * 3600
    code: ClassVar[str] = "weekly_rest"
    article: ClassVar[str] = "110"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        timeline = with_previous(shifts, context)
        found = []
        for week in context.weeks():
            start, end = context.midnight(week.start), context.midnight(week.stop)
            rest_s = longest_rest(timeline, start, end) * context.slot_s
            if rest_s < self.min_rest_s:
                found.append(self.found(context, (start, end), rest_s, self.min_rest_s, Unit.SECONDS))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        limits.weekly_rest = max(limits.weekly_rest, -(-self.min_rest_s // context.slot_s))
