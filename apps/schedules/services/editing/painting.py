"""Activities of a shift as colours on a line: whatever is put there, they go on partitioning it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from apps.algorithms.rostering.shifts import ActivityKind
from apps.schedules.types import ActivityFacts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from apps.schedules.types import ShiftSnapshot


def painted(
    shift: ShiftSnapshot, kind: str, start: dt.datetime, end: dt.datetime, queue_id: int | None
) -> ShiftSnapshot:
    """Put an activity over what is there; neighbouring work for one queue becomes one."""
    new = ActivityFacts(str(kind), start, end, queue_id)
    kept = [
        part
        for leaf in shift.activities
        for part in (
            replace(leaf, end=min(leaf.end, start)),
            replace(leaf, start=max(leaf.start, end)),
        )
        if part.start < part.end
    ]
    leaves = sorted((*kept, new), key=lambda leaf: leaf.start)
    return replace(shift, activities=tuple(_joined(leaves)))


def moved(shift: ShiftSnapshot, leaf: ActivityFacts, start: dt.datetime, queue_id: int) -> ShiftSnapshot:
    """Let an activity begin at `start`; what it leaves becomes work for the queue before it."""
    without = emptied(shift, leaf, queue_id)
    return painted(without, leaf.kind, start, start + (leaf.end - leaf.start), leaf.queue_id)


def emptied(shift: ShiftSnapshot, leaf: ActivityFacts, queue_id: int) -> ShiftSnapshot:
    """Make an activity work for the queue of the work beside it, or for `queue_id` where there is none."""
    return painted(shift, ActivityKind.WORK, leaf.start, leaf.end, _neighbour(shift, leaf, queue_id))


def shifted(shift: ShiftSnapshot, by: dt.timedelta) -> ShiftSnapshot:
    """Move the shift and all that is in it."""
    leaves = tuple(replace(leaf, start=leaf.start + by, end=leaf.end + by) for leaf in shift.activities)
    return replace(shift, start=shift.start + by, end=shift.end + by, activities=leaves)


def leaf_at(shift: ShiftSnapshot, start: dt.datetime) -> ActivityFacts | None:
    return next((leaf for leaf in shift.activities if leaf.start == start), None)


def _neighbour(shift: ShiftSnapshot, leaf: ActivityFacts, queue_id: int) -> int:
    """Give the queue of the last work before the activity, else of the first after it."""
    before = [other.queue_id for other in shift.activities if other.queue_id and other.end <= leaf.start]
    after = [other.queue_id for other in shift.activities if other.queue_id and other.start >= leaf.end]
    return (before[-1:] or after[:1] or [queue_id])[0]


def _joined(leaves: Iterable[ActivityFacts]) -> list[ActivityFacts]:
    joined: list[ActivityFacts] = []
    for leaf in leaves:
        last = joined[-1] if joined else None
        alike = last is not None and (last.kind, last.queue_id) == (leaf.kind, leaf.queue_id)
        if last is not None and alike and leaf.kind == ActivityKind.WORK:
            joined[-1] = replace(last, end=leaf.end)
        else:
            joined.append(leaf)
    return joined
