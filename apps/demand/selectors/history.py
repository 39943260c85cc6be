"""Reads of interval history. An aggregated queue is the sum of the queues it names, at any depth."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from django.db.models import Count, Max, Min
from psycopg import sql

from apps.algorithms.intervals import sum_to_grid
from apps.core import zones
from apps.core.copying import read_rows
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch, IntervalHistory
from apps.demand.selectors.corrections import correct, corrections_in_force
from apps.demand.types import COUNTS, UNKNOWN, HistoryRows, HistorySeries, LocalHistory, ShiftedSpan
from apps.organization.models import Queue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from apps.demand.types import BoolArray, Correction, FloatArray, IntArray

_DAY_S = 86_400
_GRIDS = ("offered", "answered", "handle_s")
_STORED_KINDS = {"start": "timestamptz"} | dict.fromkeys(COUNTS, "int8")
_STORED = sql.SQL(
    "SELECT start, {counts} FROM demand_intervalhistory"
    " WHERE queue_id = {queue} AND start >= {start} AND start < {end} ORDER BY start"
)
_SUMMED_KINDS = {
    "start": "timestamptz",
    "step_s": "int8",
    "offered": "int8",
    "handled": "int8",
    "answered": "int8",
    "handle_s": "int8",
}
_SUMMED = sql.SQL("""
SELECT start, step_s::int8, sum(offered)::int8,
    CASE WHEN count(handled) = count(*) THEN sum(handled) ELSE -1 END::int8,
    coalesce(sum(coalesce(handled, offered)) FILTER (WHERE handle_s IS NOT NULL), 0)::int8,
    coalesce(sum(handle_s), 0)::int8
FROM demand_intervalhistory
WHERE queue_id = ANY({queues}) AND start >= {start} AND start < {end}
GROUP BY start, step_s ORDER BY start""")

_BY_DAY = sql.SQL("""
SELECT (start AT TIME ZONE {zone})::date AS day, sum(offered) FROM demand_intervalhistory
WHERE queue_id = ANY({queues}) AND start >= {start} AND start < {end}
GROUP BY day""")


def stored_rows(queue_id: int, start: dt.datetime, end: dt.datetime) -> HistoryRows:
    """Give the stored rows of one queue from `start` up to `end`; their step is not told (0)."""
    counts = sql.SQL(", ").join(
        sql.SQL("coalesce({}, {})::int8").format(sql.Identifier(name), sql.Literal(UNKNOWN))
        for name in COUNTS
    )
    query = _STORED.format(
        counts=counts, queue=sql.Literal(queue_id), start=sql.Literal(start), end=sql.Literal(end)
    )
    with connection.cursor() as cursor:
        arrays = read_rows(cursor, query, _STORED_KINDS)
    return HistoryRows(step_s=0, starts=arrays.pop("start"), **arrays)


def member_ids(queue_id: int) -> list[int]:
    """Give the queues whose history makes up this one: itself, or its members down to the plain ones."""
    members: dict[int, list[int]] = {}
    for whole, part in Queue.members.through.objects.values_list("from_queue_id", "to_queue_id"):
        members.setdefault(whole, []).append(part)
    found, waiting, seen = set(), [queue_id], set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        waiting += members.get(current, [])
        if current not in members:
            found.add(current)
    return sorted(found)


def history_series(
    queue_id: int, start: dt.datetime, end: dt.datetime, step_s: int, *, corrected: bool = False
) -> HistorySeries:
    """Give the history from `start` up to `end` (aware) on a grid of `step_s` from `start`.

    Rows of a finer step are summed, rows of a coarser one are spread evenly. As recorded: two queries;
    `corrected`: one more, and as many as corrected queues. What was left out is not observed.
    """
    rows = (_corrected_rows if corrected else _recorded_rows)(queue_id, start, end)
    size = max(-(-int((end - start).total_seconds()) // step_s), 0)
    cells, owner, share = _cells(rows, int(start.timestamp()), step_s)
    inside = (cells >= 0) & (cells < size)
    cells, owner, share = cells[inside], owner[inside], share[inside]

    def total(values: IntArray | BoolArray) -> FloatArray:
        return np.asarray(np.bincount(cells, weights=values[owner] * share, minlength=size), np.float64)

    observed = (np.bincount(cells, minlength=size) > 0) & (total(rows["excluded"]) == 0)
    untold = total(rows["handled"] == UNKNOWN) > 0
    answered, handle_s = total(rows["answered"]), total(rows["handle_s"])
    timed = observed & ((answered > 0) | (handle_s > 0))
    return HistorySeries(
        start=start,
        step_s=step_s,
        offered=np.where(observed, total(rows["offered"]), np.nan),
        handled=np.where(observed & ~untold, total(rows["handled"]), np.nan),
        answered=np.where(timed, answered, np.nan),
        handle_s=np.where(timed, handle_s, np.nan),
        observed=observed,
    )


def local_history(
    queue_id: int, zone: str, start: dt.date, end: dt.date, step_s: int, *, corrected: bool = True
) -> LocalHistory | None:
    """Give the history of local days from `start` up to `end` on the queue's wall clock; None without rows.

    The step is `step_s`, or the smallest multiple of it that the recorded steps allow. Corrected unless said
    otherwise: what was left out is NaN. Queries as of `history_series`.
    """
    read = _corrected_rows if corrected else _recorded_rows
    rows = read(queue_id, zones.midnight(start, zone), zones.midnight(end, zone))
    if not rows["start"].size:
        return None
    local_s: IntArray = zones.to_local(rows["start"], zone).astype(np.int64)
    step_s = math.lcm(step_s, *np.unique(rows["step_s"]).tolist())
    first = int(local_s.min()) // _DAY_S
    shape = (int(local_s.max()) // _DAY_S - first + 1, _DAY_S // step_s)
    grids = {name: np.full(shape, np.nan) for name in (*_GRIDS, "excluded")}
    for fine_s in np.unique(rows["step_s"]).tolist():
        chosen = rows["step_s"] == fine_s
        starts, place = np.unique(local_s[chosen], return_inverse=True)
        for name, grid in grids.items():
            values = np.bincount(place, weights=rows[name][chosen]).astype(np.float64)
            day, part = sum_to_grid(starts, values, fine_s=fine_s, step_s=step_s)
            begin = (day - dt.date(1970, 1, 1)).days - first
            _add(grid[begin : begin + len(part)], part)
    for name in _GRIDS:
        grids[name][grids["excluded"] > 0] = np.nan
    return LocalHistory(
        first_day=dt.date(1970, 1, 1) + dt.timedelta(days=first),
        step_s=step_s,
        calls=grids["offered"],
        answered=grids["answered"],
        handle_s=grids["handle_s"],
        rows=int(rows["start"].size),
        digest=rows["digest"],
        corrections=rows["corrections"],
    )


def history_digest(queue_id: int, zone: str, start: dt.date, end: dt.date) -> str:
    """Give the digest that the corrected `local_history` of the same span would have now."""
    rows = _corrected_rows(queue_id, zones.midnight(start, zone), zones.midnight(end, zone))
    return str(rows["digest"])


def recorded_step_s(queue_id: int, moment: dt.datetime, *, otherwise: int = 900) -> int:
    """Give the interval (s) that the history was recorded in from `moment` on, else before it."""
    rows = IntervalHistory.objects.filter(queue__in=member_ids(queue_id))
    after = rows.filter(start__gte=moment).order_by("start").values_list("step_s", flat=True).first()
    before = rows.filter(start__lt=moment).order_by("-start").values_list("step_s", flat=True)
    return after or before.first() or otherwise


def offered_by_day(queue_id: int, start: dt.datetime, end: dt.datetime, zone: str) -> dict[dt.date, float]:
    """Give the recorded contacts of each local day, summed by the database. Two queries."""
    query = _BY_DAY.format(
        zone=sql.Literal(zone),
        queues=sql.Literal(member_ids(queue_id)),
        start=sql.Literal(start),
        end=sql.Literal(end),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {day: float(calls) for day, calls in cursor.fetchall()}


def history_span(queue_id: int) -> tuple[dt.datetime, dt.datetime, int] | None:
    """Give the first and the last interval start and the number of rows, or None without history."""
    facts = IntervalHistory.objects.filter(queue__in=member_ids(queue_id)).aggregate(
        first=Min("start"), last=Max("start"), rows=Count("start")
    )
    return (facts["first"], facts["last"], facts["rows"]) if facts["rows"] else None


def shifted_spans(queue_id: int, zone: str, start: dt.date, end: dt.date) -> list[ShiftedSpan]:
    """Give the local days, from `start` up to `end`, whose rows were moved by weeks when imported."""
    rows = IntervalHistory.objects.filter(
        queue__in=member_ids(queue_id),
        start__gte=zones.midnight(start, zone),
        start__lt=zones.midnight(end, zone),
    ).exclude(batch__weeks_shifted=0)
    spans = rows.values_list("batch__weeks_shifted").annotate(first=Min("start"), last=Max("start"))
    return [ShiftedSpan(_day(first, zone), _day(last, zone), weeks) for weeks, first, last in spans]


def imports_of(queue_id: int) -> QuerySet[ImportBatch]:
    """Give the imports of a queue, newest first."""
    return ImportBatch.objects.filter(queue=queue_id).select_related("created_by")


def applied_imports(queue_ids: Iterable[int]) -> QuerySet[ImportBatch]:
    """Give the imports that loaded rows into these queues."""
    return ImportBatch.objects.filter(
        queue__in=queue_ids, state=ImportState.APPLIED, rows_loaded__gt=0, first_start__isnull=False
    )


def _recorded_rows(queue_id: int, start: dt.datetime, end: dt.datetime) -> dict[str, Any]:
    rows = _summed_rows(member_ids(queue_id), start, end)
    nothing = np.zeros(rows["start"].size, dtype=np.bool_)
    return rows | {"excluded": nothing, "digest": _digest(rows), "corrections": ()}


def _corrected_rows(queue_id: int, start: dt.datetime, end: dt.datetime) -> dict[str, Any]:
    """Give the rows of the members under their corrections; an interval may have a row of each of several."""
    members = member_ids(queue_id)
    by_queue: dict[int, list[Correction]] = {}
    for correction in corrections_in_force(members, start, end):
        by_queue.setdefault(correction.queue_id, []).append(correction)
    untouched = [pk for pk in members if pk not in by_queue]
    parts = []
    if untouched or not members:
        plain = _summed_rows(untouched, start, end)
        parts.append(plain | {"excluded": np.zeros(plain["start"].size, dtype=np.bool_)})
    digests = [_digest(part) for part in parts]
    for pk, corrections in by_queue.items():
        rows = _summed_rows([pk], start, end)
        digests.append(f"{_digest(rows)} {[correction.id for correction in corrections]}")
        corrected, excluded = correct(rows, corrections)
        parts.append(corrected | {"excluded": excluded})
    joined = {name: np.concatenate([part[name] for part in parts]) for name in (*_SUMMED_KINDS, "excluded")}
    used = sorted(correction.id for corrections in by_queue.values() for correction in corrections)
    return joined | {"digest": _joined(digests), "corrections": tuple(used)}


def _summed_rows(queue_ids: Iterable[int], start: dt.datetime, end: dt.datetime) -> dict[str, Any]:
    query = _SUMMED.format(
        queues=sql.Literal(list(queue_ids)), start=sql.Literal(start), end=sql.Literal(end)
    )
    with connection.cursor() as cursor:
        return read_rows(cursor, query, _SUMMED_KINDS)


def _cells(rows: dict[str, Any], start_s: int, step_s: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Cut rows into pieces that fit the grid: cell of each piece, its row, and its share of the row."""
    cells, owners, shares = [], [], []
    starts = rows["start"].astype(np.int64) - start_s
    for row_s in np.unique(rows["step_s"]).tolist():
        piece_s = math.gcd(row_s, step_s)
        count = row_s // piece_s
        chosen = np.flatnonzero(rows["step_s"] == row_s)
        cells.append(((starts[chosen, None] + piece_s * np.arange(count)) // step_s).ravel())
        owners.append(np.repeat(chosen, count))
        shares.append(np.full(chosen.size * count, 1 / count))
    if not cells:
        none = np.zeros(0, dtype=np.int64)
        return none, none, np.zeros(0)
    return np.concatenate(cells), np.concatenate(owners), np.concatenate(shares)


def _add(grid: FloatArray, part: FloatArray) -> None:
    """Add in place where the part was observed."""
    seen = ~np.isnan(part)
    grid[seen] = np.nan_to_num(grid[seen]) + part[seen]


def _digest(rows: dict[str, Any]) -> str:
    digest = hashlib.sha256()
    for name in _SUMMED_KINDS:
        digest.update(rows[name].astype(np.int64).tobytes())
    return digest.hexdigest()


def _joined(digests: list[str]) -> str:
    """Give the digest of several; that of one stays what it is, as long as nothing was corrected."""
    if len(digests) == 1 and " " not in digests[0]:
        return digests[0]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _day(instant: dt.datetime, zone: str) -> dt.date:
    return instant.astimezone(ZoneInfo(zone)).date()
