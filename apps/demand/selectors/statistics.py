"""Contacts summed over hours, days, weeks or months of each queue's own clock.

A million intervals are summed by the database in one pass over integers: between two changes of a zone's
clock a local hour or day is a span of constant length (`date_bin`), which costs a tenth of asking the zone
for every row. Weeks and months are then put together from the days.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max, Min

from apps.demand.models import IntervalHistory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.organization.models import Queue

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
HASHED_IN = "64MB"  # else a million rows are sorted on disk before they are summed
SUMS = ("intervals", "offered", "handled", "abandoned", "handle_s", "answered_in_target")
_SUMMED = """
SELECT queue_id, date_bin(%s::interval, start, %s) AS period,
       count(*), sum(offered), sum(handled), sum(abandoned),
       sum(handle_s)::int8, sum(answered_in_target)
FROM demand_intervalhistory
WHERE queue_id = ANY(%s) AND start >= %s AND start < %s
GROUP BY queue_id, period
"""
Sums = list[int | None]


class Period(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass
class QueueStatistics:
    """Sums of one queue: lists of one length, a value for each period that holds intervals, in order.

    `starts` are instants of the queue's zone; a sum is None where the history does not know it.
    """

    queue_id: int
    code: str
    time_zone: str
    starts: list[dt.datetime] = field(default_factory=list)
    intervals: list[int | None] = field(default_factory=list)
    offered: list[int | None] = field(default_factory=list)
    handled: list[int | None] = field(default_factory=list)
    abandoned: list[int | None] = field(default_factory=list)
    handle_s: list[int | None] = field(default_factory=list)
    answered_in_target: list[int | None] = field(default_factory=list)


def contact_statistics(
    queues: Iterable[Queue], *, start: dt.datetime, end: dt.datetime, period: Period
) -> list[QueueStatistics]:
    """Give the sums of each queue from `start` up to `end` (aware), in order of the queues.

    A day, week (from Monday) or month is that of the queue's zone; the first and the last one are cut by the
    span. Rows are counted in the period in which they begin. One query for what is recorded at all, so that a
    span of centuries costs no more, then one per zone and change of its clock.
    """
    chosen = list(queues)
    start, end = _recorded(chosen, start, end)
    zones: defaultdict[str, list[int]] = defaultdict(list)
    for queue in chosen:
        zones[queue.time_zone].append(queue.pk)
    sums: defaultdict[int, dict[dt.datetime, Sums]] = defaultdict(dict)
    for name, ids in zones.items():
        labels: dict[dt.datetime, dt.datetime] = {}
        for queue_id, instant, *values in _rows(ids, ZoneInfo(name), start, end, period):
            label = labels.get(instant)
            if label is None:
                is_hour = period == Period.HOUR  # begins where the database cut it
                label = instant if is_hour else _label(instant.astimezone(ZoneInfo(name)), period)
                labels[instant] = label
            _add(sums[queue_id], label, values)
    return [_filled(queue, sums[queue.pk]) for queue in chosen]


def _recorded(queues: list[Queue], start: dt.datetime, end: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Give the part of a span in which any of the queues has intervals; without any it is empty."""
    rows = IntervalHistory.objects.filter(queue__in=[queue.pk for queue in queues])
    known = rows.aggregate(first=Min("start"), last=Max("start"))
    if known["first"] is None:
        return start, start
    return max(start, known["first"]), min(end, known["last"] + HOUR)


def _rows(
    ids: list[int], zone: ZoneInfo, start: dt.datetime, end: dt.datetime, period: Period
) -> Iterator[tuple[int, dt.datetime, *tuple[int | None, ...]]]:
    stride = HOUR if period == Period.HOUR else DAY
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [HASHED_IN])
        for first, last in constant_offsets(zone, start, end):
            midnight = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
            offset = first.astimezone(zone).utcoffset() or dt.timedelta()
            origin = (midnight - offset).replace(tzinfo=dt.UTC)
            cursor.execute(_SUMMED, [f"{stride.total_seconds()} s", origin, ids, first, last])
            for queue_id, instant, *values in cursor.fetchall():
                yield queue_id, instant if period == Period.HOUR else max(instant, first), *values


def constant_offsets(
    zone: ZoneInfo, start: dt.datetime, end: dt.datetime
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Cut a span where the clock of the zone changes; instants in UTC."""
    first, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    while first < end:
        last = _next_change(zone, first, end)
        yield first, last
        first = last


def _next_change(zone: ZoneInfo, first: dt.datetime, end: dt.datetime) -> dt.datetime:
    """Give when the offset that holds at `first` ends, to the minute, at most `end`."""
    held, low = first.astimezone(zone).utcoffset(), first
    while low < end:
        high = min(low + DAY, end)
        if high.astimezone(zone).utcoffset() != held:
            break
        low = high
    else:
        return end
    while high - low > dt.timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == held else (low, middle)
    return high.replace(second=0, microsecond=0)


def _label(local: dt.datetime, period: Period) -> dt.datetime:
    """Give the instant (UTC) at which the day, week or month of a local one begins."""
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period == Period.WEEK:
        day -= dt.timedelta(days=day.weekday())
    elif period == Period.MONTH:
        day = day.replace(day=1)
    return day.astimezone(dt.UTC)


def _add(found: dict[dt.datetime, Sums], label: dt.datetime, values: Sums) -> None:
    """Add sums to those of a period; unknown and unknown stay unknown."""
    held = found.get(label)
    if held is None:
        found[label] = values
        return
    for at, value in enumerate(values):
        if value is not None:
            held[at] = value + (held[at] or 0)


def _filled(queue: Queue, sums: dict[dt.datetime, Sums]) -> QueueStatistics:
    zone = ZoneInfo(queue.time_zone)
    given = QueueStatistics(queue.pk, queue.code, queue.time_zone)
    order = sorted(sums)
    given.starts = [instant.astimezone(zone) for instant in order]
    for name, values in zip(
        SUMS, zip(*(sums[instant] for instant in order), strict=True), strict=bool(order)
    ):
        setattr(given, name, list(values))
    return given
