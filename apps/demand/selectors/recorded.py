"""Intervals as they were recorded, to leave as a file and to come back by an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from psycopg import sql

from apps.core.copying import read_rows
from apps.demand.models import IntervalHistory
from apps.demand.selectors.history import member_ids
from apps.demand.types import COUNTS, UNKNOWN

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from apps.demand.models import ImportBatch, ImportRowError
    from apps.demand.types import IntArray

_KINDS = {"start": "timestamptz", "step_s": "int8"} | dict.fromkeys(COUNTS, "int8")
_RECORDED = sql.SQL(
    "SELECT start, step_s::int8, {counts} FROM demand_intervalhistory"
    " WHERE queue_id = ANY({queues}) AND start >= {start} AND start < {end}"
    " GROUP BY start, step_s ORDER BY start, step_s"
)


def recorded_intervals(queue_id: int, start: dt.datetime, end: dt.datetime) -> dict[str, IntArray]:
    """Give start (UTC), step and counts of the rows from `start` up to `end`, columns of shape (n,).

    Of an aggregated queue they are sums of its members; a count that some row did not tell is `UNKNOWN`.
    Corrections are left out: this is what the contact centre sent. Two queries.
    """
    counts = sql.SQL(", ").join(
        sql.SQL("(CASE WHEN count({0}) = count(*) THEN sum({0}) ELSE {1} END)::int8").format(
            sql.Identifier(name), sql.Literal(UNKNOWN)
        )
        for name in COUNTS
    )
    query = _RECORDED.format(
        counts=counts,
        queues=sql.Literal(member_ids(queue_id)),
        start=sql.Literal(start),
        end=sql.Literal(end),
    )
    with connection.cursor() as cursor:
        return read_rows(cursor, query, _KINDS)


def has_more_intervals(queue_id: int, start: dt.datetime, end: dt.datetime, most: int) -> bool:
    """Tell whether `recorded_intervals` would give more than `most` rows, counting no further."""
    rows = IntervalHistory.objects.filter(
        queue_id__in=member_ids(queue_id), start__gte=start, start__lt=end
    ).order_by()
    return rows.values("start", "step_s").distinct()[: most + 1].count() > most


def errors_of(batch: ImportBatch) -> QuerySet[ImportRowError]:
    """Give the rows that an import refused, in order of lines."""
    return batch.errors.order_by("line", "pk")
