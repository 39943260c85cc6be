"""What an edit does to the cover: only the slots that it touches are counted."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from psycopg import sql

from apps.organization.models import Queue
from apps.schedules.selectors.arrays import int_columns
from apps.schedules.selectors.cover import CHANGES, NEIGHBOURS, OWN
from apps.schedules.selectors.demand import required_in_slots
from apps.schedules.types import SLOT_S, CoverChange, Month

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import ActivityFacts, Change

    Counts = NDArray[np.int64]

DAY = dt.timedelta(days=1)
ON_DAYS = sql.SQL(" AND shift.local_date = ANY({days})")
REACH_DAYS = (-2, 1)
"""By how many days the local date of a shift at work may differ from the UTC date: zones, and midnight."""


class BookCover:
    """Requirement and stored agents of a variant's month by queue, each read once however often asked.

    Of the shifts only those around the days asked for are read; `expect` names days beforehand, so that the
    first question reads them all.
    """

    def __init__(self, variant: ScheduleVariant, month: Month) -> None:
        self._variant = variant
        self._expected: set[dt.date] = set()
        self._read: set[dt.date] = set()
        self._counts: dict[int, Counts] = {}
        self.month = month
        self.n_slots = slots_in(month)

    def expect(self, instants: Iterable[dt.datetime]) -> None:
        self._expected |= {instant.astimezone(dt.UTC).date() for instant in instants}

    def stored(self, queue_id: int, slots: Counts) -> Counts:
        """Give the stored agents, shape (slots of the month,); right in `slots` only.

        Counted as `cover.cover_by_queue` does, neighbouring months included.
        """
        length = dt.timedelta(seconds=SLOT_S)
        days = {(self.month.start + slot * length).astimezone(dt.UTC).date() for slot in slots.tolist()}
        if not days <= self._read:
            self._read |= days | self._expected
            self._counts = self._scheduled()
        return self._counts.get(queue_id, np.zeros(self.n_slots, dtype=np.int64))

    @cached_property
    def _required(self) -> dict[int, Counts]:
        versions = self._variant.requirements.values_list("queue_id", "pk", "step_s")
        return {
            queue_id: required_in_slots(version_id, step_s, self.month.start, self.month.end)
            for queue_id, version_id, step_s in versions
        }

    def required(self, queue_id: int) -> Counts:
        """Give the agents required, shape (slots of the month,)."""
        return self._required.get(queue_id, np.zeros(self.n_slots, dtype=np.int64))

    def _scheduled(self) -> dict[int, Counts]:
        edges: dict[int, Counts] = {}
        for query in _queries(self._variant, self.month, _days_around(self._read)):
            found, seconds, change = int_columns(query, 3)
            places = np.clip((seconds - int(self.month.start.timestamp())) // SLOT_S, 0, self.n_slots)
            for queue_id in np.unique(found).tolist():
                mine = found == queue_id
                held = edges.setdefault(queue_id, np.zeros(self.n_slots + 1, dtype=np.int64))
                np.add.at(held, places[mine], change[mine])
        return {queue_id: np.cumsum(held)[:-1] for queue_id, held in edges.items()}


class Difference:
    """How many agents more than stored are at work in each slot of a month, by queue."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._n_slots = slots_in(month)
        self._edges: dict[int, Counts] = {}

    def take(self, activities: Iterable[ActivityFacts], sign: int) -> None:
        """Put these activities in (`sign` 1) or take them out (-1)."""
        for leaf in activities:
            if leaf.queue_id is not None:
                edges = self._edges.setdefault(leaf.queue_id, np.zeros(self._n_slots + 1, dtype=np.int64))
                edges[self._slot(leaf.start)] += sign
                edges[self._slot(leaf.end)] -= sign

    def of(self, queue_id: int) -> Counts:
        edges = self._edges.get(queue_id)
        return np.zeros(self._n_slots, dtype=np.int64) if edges is None else np.cumsum(edges)[:-1]

    @property
    def queue_ids(self) -> list[int]:
        return sorted(self._edges)

    def _slot(self, instant: dt.datetime) -> int:
        return min(max(int((instant - self._month.start).total_seconds() // SLOT_S), 0), self._n_slots)


def cover_changes(cover: BookCover, changes: Sequence[Change]) -> list[CoverChange]:
    """Give the slots of the month in which the changes alter who is at work for a queue, with its demand.

    `before` is what is stored.
    """
    difference = Difference(cover.month)
    for change in changes:
        for side, sign in ((change.before, -1), (change.after, 1)):
            difference.take(side.activities if side is not None else (), sign)
    added = {queue_id: difference.of(queue_id) for queue_id in difference.queue_ids}
    touched = {queue_id: np.flatnonzero(counts) for queue_id, counts in added.items() if counts.any()}
    if not touched:
        return []
    slots = np.unique(np.concatenate(list(touched.values())))
    codes = dict(Queue.objects.filter(pk__in=touched).values_list("pk", "code"))
    start, length = cover.month.start, dt.timedelta(seconds=SLOT_S)
    found = []
    for queue_id, own in touched.items():
        stored, required = cover.stored(queue_id, slots), cover.required(queue_id)
        after = stored + added[queue_id]
        found += [
            CoverChange(
                queue_id,
                codes[queue_id],
                start + slot * length,
                start + (slot + 1) * length,
                int(required[slot]),
                int(stored[slot]),
                int(after[slot]),
            )
            for slot in own.tolist()
        ]
    return found


def slots_in(month: Month) -> int:
    return int((month.end - month.start).total_seconds()) // SLOT_S


def is_short(cover: BookCover, queue_id: int, seconds: Counts, added: Counts) -> NDArray[np.bool_]:
    """Tell of instants (seconds since 1970, shape (n,)) whether one agent more is wanted in their slots.

    `added` are the agents by slot of the month beyond what is stored. Outside the month nobody is wanted.
    """
    slots = (seconds - int(cover.month.start.timestamp())) // SLOT_S
    inside = (slots >= 0) & (slots < cover.n_slots)
    if not inside.any():
        return inside
    wanted = cover.required(queue_id) > cover.stored(queue_id, np.unique(slots[inside])) + added
    return inside & wanted[np.where(inside, slots, 0)]


def _queries(variant: ScheduleVariant, month: Month, days: list[dt.date]) -> Iterator[sql.Composed]:
    facts = {
        "variant": sql.Literal(variant.pk),
        "first": sql.Literal(month.first),
        "last": sql.Literal(month.last),
    }
    on_days = ON_DAYS.format(days=sql.Literal(days))
    yield CHANGES.format(which=OWN.format(**facts) + on_days)
    if days[0] < month.first or days[-1] > month.last:
        yield CHANGES.format(which=NEIGHBOURS.format(**facts) + on_days)


def _days_around(days: Collection[dt.date]) -> list[dt.date]:
    """Give the local dates of all shifts that can be at work on these days in UTC."""
    first, last = REACH_DAYS
    return sorted({day + offset * DAY for day in days for offset in range(first, last + 1)})
