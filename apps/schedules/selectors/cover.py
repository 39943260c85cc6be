"""How many people are at work for a queue in each slot, against how many are required."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psycopg import sql

from apps.core.zones import midnight, to_instant
from apps.schedules.selectors.arrays import int_columns
from apps.schedules.selectors.demand import required_in_slots
from apps.schedules.types import SLOT_S, Cover, Month

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from apps.schedules.models import ScheduleVariant

__all__ = ["Cover", "clip", "compared", "cover", "cover_by_queue", "day_sums", "total"]

OWN = sql.SQL("shift.variant_id = {variant}")
NEIGHBOURS = sql.SQL(
    "shift.is_published AND shift.variant_id <> {variant} AND ("
    "shift.local_date >= {first}::date - 2 AND shift.local_date < {first}::date"
    " OR shift.local_date > {last}::date AND shift.local_date <= {last}::date + 2)"
)
"""Published shifts of the months before and after: they reach into this one at night and from other zones."""
CHANGES = sql.SQL(
    "SELECT activity.queue_id, extract(epoch FROM edge.at)::int8, sum(edge.change)::int8"
    " FROM schedules_shift shift"
    " JOIN schedules_activity activity ON activity.shift_id = shift.id AND activity.queue_id IS NOT NULL"
    ' CROSS JOIN LATERAL (VALUES (activity.start, 1), (activity."end", -1)) edge (at, change)'
    " WHERE {which} GROUP BY 1, 2"
)


def compared(
    starts: NDArray[np.datetime64], required: NDArray[np.int64], scheduled: NDArray[np.int64]
) -> Cover:
    """Give the cover of one queue."""
    under, over = np.maximum(required - scheduled, 0), np.maximum(scheduled - required, 0)
    return Cover(starts, SLOT_S, required, scheduled, under, over)


def cover_by_queue(variant: ScheduleVariant) -> dict[int, Cover]:
    """Give the cover of each queue over the month (group's zone), neighbouring months' night shifts counted.

    Two queries for the shifts, and one per queue for its requirement.
    """
    month = Month(variant.month, variant.group.time_zone)
    n_slots = int((month.end - month.start).total_seconds()) // SLOT_S
    starts = to_instant(month.start) + np.arange(n_slots) * np.timedelta64(SLOT_S, "s")
    scheduled = _scheduled(variant, month, n_slots)
    versions = {
        queue_id: (version_id, step_s)
        for version_id, queue_id, step_s in variant.requirements.values_list("pk", "queue_id", "step_s")
    }
    nothing = np.zeros(n_slots, dtype=np.int64)
    return {
        queue_id: compared(
            starts,
            required_in_slots(version_id, step_s, month.start, month.end),
            scheduled.get(queue_id, nothing),
        )
        for queue_id, (version_id, step_s) in versions.items()
    }


def cover(
    variant: ScheduleVariant,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
    queue_id: int | None = None,
) -> Cover:
    """Give the cover of one queue, or of all together, between two instants (default: the whole month)."""
    by_queue = cover_by_queue(variant)
    chosen = list(by_queue.values()) if queue_id is None else [by_queue[queue_id]]
    return clip(total(chosen), start, end)


def total(covers: Sequence[Cover]) -> Cover:
    """Add the covers of several queues; the slots are the same."""
    first = covers[0]
    sums = (
        np.sum([getattr(part, name) for part in covers], axis=0)
        for name in ("required", "scheduled", "under", "over")
    )
    return Cover(first.starts, first.slot_s, *sums)


def clip(whole: Cover, start: dt.datetime | None, end: dt.datetime | None) -> Cover:
    """Give the slots of `whole` that begin between two instants."""
    inside = np.ones(whole.starts.shape, dtype=bool)
    if start is not None:
        inside &= whole.starts >= to_instant(start)
    if end is not None:
        inside &= whole.starts < to_instant(end)
    return Cover(
        whole.starts[inside],
        whole.slot_s,
        whole.required[inside],
        whole.scheduled[inside],
        whole.under[inside],
        whole.over[inside],
    )


def day_sums(whole: Cover, month: Month) -> dict[str, NDArray[np.int64]]:
    """Give agent-seconds by day of the month in the group's zone, arrays of shape (days,)."""
    begins = np.array([to_instant(midnight(day, month.zone_name)) for day in month.days])
    day_of = np.searchsorted(begins, whole.starts, side="right") - 1
    return {
        name: np.bincount(day_of, getattr(whole, name) * whole.slot_s, minlength=month.n_days).astype(
            np.int64
        )
        for name in ("required", "scheduled", "under", "over")
    }


def _scheduled(variant: ScheduleVariant, month: Month, n_slots: int) -> dict[int, NDArray[np.int64]]:
    """Give the agents at work in each slot, by queue, from where activities begin and end."""
    facts = {
        "variant": sql.Literal(variant.pk),
        "first": sql.Literal(month.first),
        "last": sql.Literal(month.last),
    }
    changes: dict[int, NDArray[np.int64]] = {}
    for which in (OWN, NEIGHBOURS):
        queue_ids, seconds, change = int_columns(CHANGES.format(which=which.format(**facts)), 3)
        slots = np.clip((seconds - int(month.start.timestamp())) // SLOT_S, 0, n_slots)
        for queue_id in np.unique(queue_ids).tolist():
            mine = queue_ids == queue_id
            edges = changes.setdefault(queue_id, np.zeros(n_slots + 1, dtype=np.int64))
            np.add.at(edges, slots[mine], change[mine])
    return {queue_id: np.cumsum(edges)[:-1] for queue_id, edges in changes.items()}
