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
    'WITH work AS MATERIALIZED (SELECT activity.queue_id, activity.start, activity."end"'
    " FROM schedules_shift shift JOIN schedules_activity activity"
    " ON activity.shift_id = shift.id AND activity.queue_id IS NOT NULL WHERE {which})"
    " SELECT queue_id, extract(epoch FROM start)::int8, count(*) FROM work GROUP BY queue_id, start UNION ALL"
    ' SELECT queue_id, extract(epoch FROM "end")::int8, -count(*) FROM work GROUP BY queue_id, "end"'
)
"""How many begin and end work for a queue at an instant, counted by the server."""


def compared(
    starts: NDArray[np.datetime64], required: NDArray[np.int64], scheduled: NDArray[np.int64]
) -> Cover:
    """Give the cover of one queue."""
    under, over = np.maximum(required - scheduled, 0), np.maximum(scheduled - required, 0)
    return Cover(starts, SLOT_S, required, scheduled, under, over)


def cover_by_queue(variant: ScheduleVariant) -> dict[int, Cover]:
    """Give the cover of each queue over the month (group's zone), neighbouring months' night shifts counted.

    Two queries for the shifts, and two per requirement version; a queue without requirement requires nobody.
    """
    month = Month(variant.month, variant.group.time_zone)
    starts = _slots_of(month)
    scheduled = _scheduled(variant, month, starts.size)
    versions = {
        queue_id: (version_id, step_s)
        for version_id, queue_id, step_s in variant.requirements.values_list("pk", "queue_id", "step_s")
    }
    nothing = np.zeros(starts.size, dtype=np.int64)
    covers = {}
    for queue_id in sorted(versions.keys() | scheduled.keys()):
        required = nothing
        if queue_id in versions:
            required = required_in_slots(*versions[queue_id], month.start, month.end)
        covers[queue_id] = compared(starts, required, scheduled.get(queue_id, nothing))
    return covers


def _slots_of(month: Month) -> NDArray[np.datetime64]:
    n_slots = int((month.end - month.start).total_seconds()) // SLOT_S
    return to_instant(month.start) + np.arange(n_slots) * np.timedelta64(SLOT_S, "s")


def cover(
    variant: ScheduleVariant,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
    queue_id: int | None = None,
) -> Cover:
    """Give the cover of one queue, or of all together, between two instants (default: the whole month)."""
    by_queue = cover_by_queue(variant)
    starts = _slots_of(Month(variant.month, variant.group.time_zone))
    nothing = np.zeros(starts.size, dtype=np.int64)
    found = [part for key, part in by_queue.items() if queue_id in {None, key}]
    return clip(total([compared(starts, nothing, nothing), *found]), start, end)


def total(covers: Sequence[Cover]) -> Cover:
    """Add covers of the same slots, at least one."""
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
