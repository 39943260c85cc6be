"""Views of one person's shifts that several rules share."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from apps.algorithms.rostering.rules.base import RuleContext
    from apps.algorithms.rostering.shifts import Shift


def with_known(shifts: Sequence[Shift], context: RuleContext) -> list[Shift]:
    """Known earlier and committed shifts and ``shifts`` in order of start."""
    worker = context.worker
    return sorted((*worker.previous, *worker.committed, *shifts), key=lambda shift: (shift.start, shift.end))


def planned_pairs(shifts: Sequence[Shift], context: RuleContext) -> Iterator[tuple[Shift, Shift]]:
    """Neighbouring shifts of which at least one is planned (what is known is not judged again)."""
    planned = {id(shift) for shift in shifts}
    for earlier, later in pairwise(with_known(shifts, context)):
        if id(earlier) in planned or id(later) in planned:
            yield earlier, later


def runs(days: Collection[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive ``days``, in order."""
    for first in sorted(day for day in days if day - 1 not in days):
        last = first
        while last + 1 in days:
            last += 1
        yield first, last


def around_committed(context: RuleContext, gap: int) -> tuple[tuple[int, int], ...]:
    """Spans that stay closed so that ``gap`` slots lie on either side of every committed shift."""
    return tuple((shift.start - gap, shift.end + gap) for shift in context.worker.committed)
