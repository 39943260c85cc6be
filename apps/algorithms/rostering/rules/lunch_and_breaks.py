"""Lunch and breaks inside a shift (art. 108, 109)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
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
from apps.algorithms.rostering.shifts import ActivityKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.rostering.problem import BreakRule
    from apps.algorithms.rostering.shifts import Activity, Shift


def is_partition(shift: Shift) -> bool:
    """Whether the leaf activities cover the shift once, in order, and agree with its paid length."""
    leaves = shift.activities
    joined = all(left.end == right.start for left, right in pairwise(leaves))
    filled = bool(leaves) and leaves[0].start == shift.start and leaves[-1].end == shift.end
    paid = sum(leaf.length for leaf in leaves if leaf.kind is not ActivityKind.LUNCH)
    return joined and filled and all(leaf.length > 0 for leaf in leaves) and paid == shift.paid


def work_runs(shift: Shift) -> list[tuple[int, int]]:
    """Spans of work without any pause; neighbouring work leaves are one run."""
    runs: list[tuple[int, int]] = []
    for leaf in shift.activities:
        if leaf.kind is not ActivityKind.WORK:
            continue
        if runs and runs[-1][1] == leaf.start:
            runs[-1] = (runs[-1][0], leaf.end)
        else:
            runs.append((leaf.start, leaf.end))
    return runs


@register
@dataclass(frozen=True, slots=True)
class LunchAndBreaks(LabourRule):
    """Leaves partition the shift; lunch where paid time exceeds ``lunch_over_s``; no run of work too long.

    The break rule of the person's contract is checked as well: length and window of the lunch, number and
    length of the paid breaks, shortest and longest run of work.
    """

    mode: Mode = Mode.HARD
    lunch_over_s: int = 4 * 3600
    lunch_min_s: int = 30 * 60
    lunch_max_s: int = 2 * 3600
    max_continuous_s: int = 3 * 3600
    code: ClassVar[str] = "lunch_and_breaks"
    article: ClassVar[str] = "108"

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        found: list[Violation] = []
        for shift in shifts:
            if not is_partition(shift):
                span = (shift.start, shift.end)
                found.append(self.found(context, span, len(shift.activities), 1, Unit.COUNT, "partition"))
                continue
            found += self._check_law(shift, context)
            rule = context.worker.work_rule.break_rule(shift.paid)
            if rule is not None:
                found += self._check_contract(shift, rule, context)
        return found

    def _check_law(self, shift: Shift, context: RuleContext) -> list[Violation]:
        slot_s, found = context.slot_s, []
        lunches = [leaf for leaf in shift.activities if leaf.kind is ActivityKind.LUNCH]
        if not lunches and shift.paid * slot_s > self.lunch_over_s:
            span = (shift.start, shift.end)
            found.append(
                self.found(context, span, shift.paid * slot_s, self.lunch_over_s, Unit.SECONDS, "no_lunch")
            )
        for lunch in lunches:
            length_s, span = lunch.length * slot_s, (lunch.start, lunch.end)
            if length_s < self.lunch_min_s:
                found.append(
                    self.found(context, span, length_s, self.lunch_min_s, Unit.SECONDS, "lunch_short")
                )
            if length_s > self.lunch_max_s:
                found.append(
                    self.found(context, span, length_s, self.lunch_max_s, Unit.SECONDS, "lunch_long")
                )
        for run in work_runs(shift):
            length_s = (run[1] - run[0]) * slot_s
            if length_s > self.max_continuous_s:
                found.append(
                    self.found(context, run, length_s, self.max_continuous_s, Unit.SECONDS, "continuous")
                )
        return found

    def _check_contract(self, shift: Shift, rule: BreakRule, context: RuleContext) -> list[Violation]:
        span, slot_s, found = (shift.start, shift.end), context.slot_s, []
        lunches = [leaf for leaf in shift.activities if leaf.kind is ActivityKind.LUNCH]
        breaks = [leaf for leaf in shift.activities if leaf.kind is ActivityKind.BREAK]
        if len(breaks) != rule.pauses:
            found.append(self.found(context, span, len(breaks), rule.pauses, Unit.COUNT, "break_count"))
        found += [
            self.found(
                context,
                (leaf.start, leaf.end),
                leaf.length * slot_s,
                rule.pause * slot_s,
                Unit.SECONDS,
                "break_length",
            )
            for leaf in breaks
            if leaf.length != rule.pause
        ]
        found += self._check_lunch(shift, lunches, rule, context)
        for start, end in work_runs(shift):
            if end - start > rule.max_continuous:
                measured, limit = (end - start) * slot_s, rule.max_continuous * slot_s
                found.append(self.found(context, (start, end), measured, limit, Unit.SECONDS, "continuous"))
            if end - start < rule.min_continuous:
                measured, limit = (end - start) * slot_s, rule.min_continuous * slot_s
                found.append(self.found(context, (start, end), measured, limit, Unit.SECONDS, "run_short"))
        return found

    def _check_lunch(
        self, shift: Shift, lunches: list[Activity], rule: BreakRule, context: RuleContext
    ) -> list[Violation]:
        slot_s = context.slot_s
        wanted, given = rule.lunch * slot_s, sum(leaf.length for leaf in lunches) * slot_s
        if len(lunches) > 1 or wanted != given:
            span = (shift.start, shift.end)
            return [self.found(context, span, given, wanted, Unit.SECONDS, "lunch_length")]
        found = []
        for lunch in lunches:
            after, span = lunch.start - shift.start, (lunch.start, lunch.end)
            if after < rule.lunch_earliest:
                limit_s = rule.lunch_earliest * slot_s
                found.append(self.found(context, span, after * slot_s, limit_s, Unit.SECONDS, "lunch_early"))
            if after > rule.lunch_latest:
                limit_s = rule.lunch_latest * slot_s
                found.append(self.found(context, span, after * slot_s, limit_s, Unit.SECONDS, "lunch_late"))
        return found

    def restrain(self, limits: Limits, context: RuleContext) -> None:
        limits.lunch_over = self.lunch_over_s // context.slot_s
        limits.lunch_min = -(-self.lunch_min_s // context.slot_s)
        limits.lunch_max = self.lunch_max_s // context.slot_s
        limits.max_continuous = self.max_continuous_s // context.slot_s
