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
from apps.algorithms.rostering.rules.timeline import with_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.algorithms.rostering.shifts import Shift


def rests(shifts: Sequence[Shift], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the runs of slots inside ``[start, end)`` free of ``shifts`` (in order of start)."""
    free_from = start
    for shift in shifts:
        if shift.end <= start or shift.start >= end:
            continue
        if shift.start > free_from:
            yield free_from, shift.start
        free_from = max(free_from, shift.end)
    if free_from < end:
        yield free_from, end


def longest_rest(shifts: Sequence[Shift], start: int, end: int) -> int:
    """Longest run of slots inside ``[start, end)`` free of ``shifts`` (in order of start)."""
    return max((finish - begin for begin, finish in rests(shifts, start, end)), default=0)


def _touches(shifts: Sequence[Shift], start: int, end: int) -> bool:
    return any(shift.start < end and shift.end > start for shift in shifts)


@register
@dataclass(frozen=True, slots=True)
class WeeklyRest(LabourRule):
    """At least ``min_rest_s`` without interruption, wholly inside each calendar week of the local time.

    The strict reading: rest that runs over Sunday midnight counts only with its part inside the week. A
    week cut by the edge of the period counts whole: known shifts are counted, time nobody has planned yet
    is free. A week that known shifts have spoilt already takes no planned one.
    """

    mode: Mode = Mode.HARD
    min_rest_s: int = 42 * 3600
    code: ClassVar[str] = "weekly_rest"
    article: ClassVar[str] = "110"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        return [
            violation
            for violation in self._weeks_without(with_known(shifts, context), context)
            if _touches(shifts, violation.start, violation.end)
        ]

    def inherited(self, context: RuleContext) -> list[Violation]:
        return self._weeks_without(with_known((), context), context)

    def _weeks_without(self, timeline: Sequence[Shift], context: RuleContext) -> list[Violation]:
        found = []
        for start, end in _weeks(context):
            rest_s = longest_rest(timeline, start, end) * context.slot_s
            if rest_s < self.min_rest_s:
                found.append(self.found(context, (start, end), rest_s, self.min_rest_s, Unit.SECONDS))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        rest = -(-self.min_rest_s // context.slot_s)
        limits.weekly_rest = max(limits.weekly_rest, rest)
        limits.closed += tuple(_kept_free(context, rest))


def _weeks(context: RuleContext) -> Iterator[tuple[int, int]]:
    for week in context.weeks():
        yield context.midnight(week.start), context.midnight(week.stop)


def _kept_free(context: RuleContext, rest: int) -> Iterator[tuple[int, int]]:
    """Weeks that known shifts have spoilt, and the rest of weeks with committed shifts.

    Of the places for it the one that takes least of the period is kept.
    """
    known = with_known((), context)
    begin, finish = context.midnight(0), context.midnight(context.n_days)

    def inside(span: tuple[int, int]) -> int:
        return max(min(span[1], finish) - max(span[0], begin), 0)

    for start, end in _weeks(context):
        long = [run for run in rests(known, start, end) if run[1] - run[0] >= rest]
        if not long:
            yield start, end
        elif _touches(context.worker.committed, start, end):
            places = [place for first, last in long for place in ((last - rest, last), (first, first + rest))]
            yield min(places, key=inside)
