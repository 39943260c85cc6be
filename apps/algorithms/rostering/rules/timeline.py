"""Views of one person's shifts that several rules share."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.algorithms.rostering.rules.base import RuleContext
    from apps.algorithms.rostering.shifts import Shift


def with_previous(shifts: Sequence[Shift], context: RuleContext) -> list[Shift]:
    """Known earlier shifts and ``shifts`` in order of start."""
    return sorted((*context.worker.previous, *shifts), key=lambda shift: (shift.start, shift.end))


def planned_pairs(shifts: Sequence[Shift], context: RuleContext) -> Iterator[tuple[Shift, Shift]]:
    """Neighbouring shifts of which at least the later one is planned (the past is not judged again)."""
    planned = {id(shift) for shift in shifts}
    for earlier, later in pairwise(with_previous(shifts, context)):
        if id(earlier) in planned or id(later) in planned:
            yield earlier, later
