"""What an edit does to the cover: only the slots that it touches are counted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from psycopg import sql

from apps.organization.models import Queue
from apps.schedules.selectors.arrays import int_columns
from apps.schedules.selectors.cover import CHANGES, NEIGHBOURS, OWN
from apps.schedules.selectors.demand import required_in_slots
from apps.schedules.types import SLOT_S, CoverChange, Month

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import ActivityFacts, Change

    Counts = NDArray[np.int64]

DAY = dt.timedelta(days=1)
ON_DAYS = sql.SQL(" AND shift.local_date = ANY({days})")
REACH_DAYS = (-2, 1)
"""By how many days the local date of a shift at work may differ from the UTC date: zones, and midnight."""


def cover_changes(variant: ScheduleVariant, month: Month, changes: Sequence[Change]) -> list[CoverChange]:
    """Give the slots of the month in which the changes alter who is at work for a queue, with its demand.

    `before` is what is stored. Two or three queries, and two per touched queue with a requirement.
    """
    differences = _differences(month, changes)
    touched = {queue_id: np.flatnonzero(change) for queue_id, change in differences.items() if change.any()}
    if not touched:
        return []
    stored = scheduled_in(variant, month, np.unique(np.concatenate(list(touched.values()))), touched)
    required = _required(variant, month, touched)
    codes = dict(Queue.objects.filter(pk__in=touched).values_list("pk", "code"))
    return [
        CoverChange(
            queue_id,
            codes[queue_id],
            month.start + slot * dt.timedelta(seconds=SLOT_S),
            month.start + (slot + 1) * dt.timedelta(seconds=SLOT_S),
            int(required[queue_id][slot]),
            int(stored[queue_id][slot]),
            int(stored[queue_id][slot] + differences[queue_id][slot]),
        )
        for queue_id in sorted(touched)
        for slot in touched[queue_id].tolist()
    ]


def slots_in(month: Month) -> int:
    return int((month.end - month.start).total_seconds()) // SLOT_S


def scheduled_in(
    variant: ScheduleVariant, month: Month, slots: Counts, queue_ids: Collection[int]
) -> dict[int, Counts]:
    """Give the stored agents by queue, shape (slots of the month,); right in `slots` only.

    Counted as `cover.cover_by_queue` does, neighbouring months included.
    """
    n_slots = slots_in(month)
    counts = {queue_id: np.zeros(n_slots + 1, dtype=np.int64) for queue_id in queue_ids}
    for query in _queries(variant, month, slots):
        found, seconds, change = int_columns(query, 3)
        edges = np.clip((seconds - int(month.start.timestamp())) // SLOT_S, 0, n_slots)
        for queue_id in queue_ids:
            mine = found == queue_id
            np.add.at(counts[queue_id], edges[mine], change[mine])
    return {queue_id: np.cumsum(count)[:-1] for queue_id, count in counts.items()}


def is_short(
    variant: ScheduleVariant, month: Month, queue_id: int, seconds: Counts, own: Sequence[ActivityFacts]
) -> NDArray[np.bool_]:
    """Tell of instants (seconds since 1970, shape (n,)) whether one agent more is wanted in their slots.

    Counted without the activities `own`, which are stored but about to change. Outside the month nobody is.
    """
    n_slots = slots_in(month)
    slots = (seconds - int(month.start.timestamp())) // SLOT_S
    inside = (slots >= 0) & (slots < n_slots)
    if not inside.any():
        return inside
    mine = np.zeros(n_slots + 1, dtype=np.int64)
    for leaf in own:
        if leaf.queue_id == queue_id:
            mine[_slot(leaf.start, month, n_slots)] += 1
            mine[_slot(leaf.end, month, n_slots)] -= 1
    stored = scheduled_in(variant, month, np.unique(slots[inside]), [queue_id])[queue_id]
    wanted = _required(variant, month, [queue_id])[queue_id] > stored - np.cumsum(mine)[:-1]
    return inside & wanted[np.where(inside, slots, 0)]


def _queries(variant: ScheduleVariant, month: Month, slots: Counts) -> Iterator[sql.Composed]:
    facts = {
        "variant": sql.Literal(variant.pk),
        "first": sql.Literal(month.first),
        "last": sql.Literal(month.last),
    }
    days = _days_around(month, slots)
    on_days = ON_DAYS.format(days=sql.Literal(days))
    yield CHANGES.format(which=OWN.format(**facts) + on_days)
    if days[0] < month.first or days[-1] > month.last:
        yield CHANGES.format(which=NEIGHBOURS.format(**facts) + on_days)


def _days_around(month: Month, slots: Counts) -> list[dt.date]:
    """Give the local dates of all shifts that can be at work in these slots."""
    touched = {(month.start + int(slot) * dt.timedelta(seconds=SLOT_S)).date() for slot in slots}
    first, last = REACH_DAYS
    return sorted({day + offset * DAY for day in touched for offset in range(first, last + 1)})


def _differences(month: Month, changes: Sequence[Change]) -> dict[int, Counts]:
    """Give by queue how many agents the changes add in each slot of the month."""
    n_slots = slots_in(month)
    found: dict[int, Counts] = {}
    for change in changes:
        for side, sign in ((change.before, -1), (change.after, 1)):
            for leaf in side.activities if side is not None else ():
                if leaf.queue_id is not None:
                    edges = found.setdefault(leaf.queue_id, np.zeros(n_slots + 1, dtype=np.int64))
                    edges[_slot(leaf.start, month, n_slots)] += sign
                    edges[_slot(leaf.end, month, n_slots)] -= sign
    return {queue_id: np.cumsum(edges)[:-1] for queue_id, edges in found.items()}


def _slot(instant: dt.datetime, month: Month, n_slots: int) -> int:
    return min(max(int((instant - month.start).total_seconds() // SLOT_S), 0), n_slots)


def _required(variant: ScheduleVariant, month: Month, queue_ids: Collection[int]) -> dict[int, Counts]:
    nobody = np.zeros(slots_in(month), dtype=np.int64)
    versions = variant.requirements.filter(queue__in=queue_ids).values_list("queue_id", "pk", "step_s")
    found = {
        queue_id: required_in_slots(version_id, step_s, month.start, month.end)
        for queue_id, version_id, step_s in versions
    }
    return {queue_id: found.get(queue_id, nobody) for queue_id in queue_ids}
