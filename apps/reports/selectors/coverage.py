"""Required against scheduled over the coming weeks, of all queues together, from what is published."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from django.core.cache import cache
from django.db.models import Count, Max, Min, Sum
from psycopg import sql

from apps.core import clock
from apps.core.zones import midnight, to_local
from apps.reports.types import Coverage, Day
from apps.schedules.choices import VariantState
from apps.schedules.models import PlanningGroup, ScheduleVariant
from apps.schedules.selectors.arrays import int_columns
from apps.staffing.choices import RequirementState
from apps.staffing.models import RequirementVersion

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLOT_S = 900
WEEKS, WEEK = 4, 7
KEPT_S = 600
UTC = "UTC"
_REQUIRED = sql.SQL(
    "SELECT version.queue_id::int8, extract(epoch FROM point.start)::int8, version.step_s::int8,"
    " point.required::int8 FROM staffing_requirementpoint point"
    " JOIN staffing_requirementversion version ON version.id = point.version_id"
    " WHERE version.state = {active} AND point.start >= {first} AND point.start < {end}"
)
_CHANGES = sql.SQL(
    'WITH work AS MATERIALIZED (SELECT activity.queue_id, activity.start, activity."end"'
    " FROM schedules_shift shift JOIN schedules_activity activity"
    " ON activity.shift_id = shift.id AND activity.queue_id IS NOT NULL"
    " WHERE shift.is_published AND shift.local_date >= {first}::date AND shift.local_date <= {last}::date)"
    " SELECT queue_id, extract(epoch FROM start)::int8, count(*) FROM work GROUP BY queue_id, start UNION ALL"
    ' SELECT queue_id, extract(epoch FROM "end")::int8, -count(*) FROM work GROUP BY queue_id, "end"'
)
"""How many begin and end work for a queue at an instant, counted by the server."""


def coverage(weeks: int = WEEKS) -> Coverage:
    """Give the cover of `weeks` from today, by days on the clock of the planning groups.

    Where they hold nothing, the weeks from the first later day of which something is known stand instead.
    Counting 10 000 people takes a second or two, so it is kept until something is published, edited or
    derived, and ten minutes at most; two queries tell whether it still holds.
    """
    zone = _zone()
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    key = f"cover:{zone}:{today}:{weeks}:{_stamp()}"
    kept = cache.get(key)
    if not isinstance(kept, Coverage):
        kept = _count(today, weeks * WEEK, zone)
        cache.set(key, kept, KEPT_S)
    return kept


def _count(today: dt.date, count: int, zone: str) -> Coverage:
    """Count from today, else from the first day after that of which something is known."""
    found = Coverage(zone, clock.now(), _days(today, count, zone))
    start = None if found.is_known else _next_start(midnight(today + dt.timedelta(days=count), zone))
    if start is None:
        return found
    first = max(start.astimezone(ZoneInfo(zone)).date(), today)
    days = _days(first, count, zone)
    empty = next((place for place, day in enumerate(days) if day.is_known), 0)
    if empty:  # a month that begins with days off
        days = _days(first + dt.timedelta(days=empty), count, zone)
    return Coverage(zone, found.as_of, days, is_later=any(day.is_known for day in days))


def _next_start(after: dt.datetime) -> dt.datetime | None:
    """Give where the first requirement or published month begins that reaches beyond `after`."""
    required = RequirementVersion.objects.filter(state=RequirementState.ACTIVE, end__gt=after)
    published = ScheduleVariant.objects.filter(state=VariantState.PUBLISHED, end__gt=after)
    starts = [rows.aggregate(first=Min("start"))["first"] for rows in (required, published)]
    return min((start for start in starts if start is not None), default=None)


def _zone() -> str:
    """Give the zone that all planning groups share; UTC when they differ or there are none."""
    zones = set(PlanningGroup.objects.order_by().values_list("time_zone", flat=True).distinct())
    return zones.pop() if len(zones) == 1 else UTC


def _stamp() -> str:
    """Give what changes whenever a published schedule or an active requirement does."""
    published = ScheduleVariant.objects.filter(state=VariantState.PUBLISHED).aggregate(
        count=Count("pk"), last=Max("published_at"), edits=Sum("edits")
    )
    required = RequirementVersion.objects.filter(state=RequirementState.ACTIVE).aggregate(
        count=Count("pk"), last=Max("pk")
    )
    at = published["last"].timestamp() if published["last"] else 0
    return f"{published['count']}:{at}:{published['edits']}:{required['count']}:{required['last']}"


def _days(first: dt.date, count: int, zone: str) -> list[Day]:
    """Compare by queue and slot, then sum up by local days."""
    start = int(midnight(first, zone).timestamp())
    n_slots = (int(midnight(first + dt.timedelta(days=count), zone).timestamp()) - start) // SLOT_S
    required = _required(start, n_slots)
    scheduled = _scheduled(first, count, start, n_slots)
    nothing = np.zeros(n_slots, dtype=np.int64)
    sums = {name: nothing.copy() for name in ("required", "scheduled", "under", "over")}
    for queue_id in required.keys() | scheduled.keys():
        wanted, there = required.get(queue_id, nothing), scheduled.get(queue_id, nothing)
        sums["required"] += wanted
        sums["scheduled"] += there
        sums["under"] += np.maximum(wanted - there, 0)
        sums["over"] += np.maximum(there - wanted, 0)
    starts = (start + np.arange(n_slots) * SLOT_S).astype("datetime64[s]")
    places = (to_local(starts, zone).astype("datetime64[D]") - np.datetime64(first)).astype(np.int64)
    by_day = {
        name: np.bincount(places, values * SLOT_S, minlength=count).astype(np.int64).tolist()
        for name, values in sums.items()
    }
    return [
        Day(first + dt.timedelta(days=index), *(by_day[name][index] for name in sums))
        for index in range(count)
    ]


def _required(start: int, n_slots: int) -> dict[int, NDArray[np.int64]]:
    """Give the required agents of each queue and slot; an interval longer than a slot fills its slots."""
    first, end = (dt.datetime.fromtimestamp(start + SLOT_S * slots, dt.UTC) for slots in (0, n_slots))
    query = _REQUIRED.format(
        active=sql.Literal(RequirementState.ACTIVE.value), first=sql.Literal(first), end=sql.Literal(end)
    )
    queue_ids, seconds, steps, wanted = int_columns(query, 4)
    found: dict[int, NDArray[np.int64]] = {}
    slots = (seconds - start) // SLOT_S
    for queue_id in np.unique(queue_ids).tolist():
        agents = found.setdefault(queue_id, np.zeros(n_slots, dtype=np.int64))
        mine = queue_ids == queue_id
        for part in range(max(int(steps[mine].max()) // SLOT_S, 1)):
            reached = mine & (steps > part * SLOT_S) & (slots + part < n_slots)
            np.maximum.at(agents, slots[reached] + part, wanted[reached])
    return found


def _scheduled(first: dt.date, count: int, start: int, n_slots: int) -> dict[int, NDArray[np.int64]]:
    """Give the agents at work for each queue in each slot, from where activities begin and end.

    A day's margin on both sides catches night shifts and people of other zones.
    """
    day = dt.timedelta(days=1)
    query = _CHANGES.format(first=sql.Literal(first - day), last=sql.Literal(first + count * day))
    queue_ids, seconds, change = int_columns(query, 3)
    slots = np.clip((seconds - start) // SLOT_S, 0, n_slots)
    found = {}
    for queue_id in np.unique(queue_ids).tolist():
        mine = queue_ids == queue_id
        edges = np.zeros(n_slots + 1, dtype=np.int64)
        np.add.at(edges, slots[mine], change[mine])
        found[queue_id] = np.cumsum(edges)[:-1]
    return found
