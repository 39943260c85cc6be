"""Agents' events as they came: each once, in order of arrival, waiting to be folded into history."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from apps.core.partitions import ensure_months
from apps.monitoring.choices import EventKind
from apps.monitoring.models import AgentEvent
from apps.monitoring.services.writing import insert_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apps.monitoring.models import Source

_KEY = ("agent_id", "start", "kind", "status_id")

_Key = tuple[int, dt.datetime, str, int]
Reach = dict[int, tuple[dt.datetime, dt.datetime]]  # agent -> first and last instant that changed


@dataclass(frozen=True, slots=True)
class Appended:
    """Events that were written, in order of arrival, and what they change."""

    rows: Sequence[AgentEvent]
    reach: Reach


def lock_history(source: Source, *, wait: bool = True) -> bool:
    """Be the only one who writes the source's history until the transaction ends; tells whether one is."""
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"monitoring.history:{source.pk}"])
        row = cursor.fetchone()
    return wait or bool(row and row[0])


def append(rows: Sequence[AgentEvent]) -> Appended:
    """Add events that are not there yet, and spans that have another end or status.

    Of one agent and start the span that comes last holds.
    """
    once = _once(rows)
    ordered = list(once.values())
    if not ordered:
        return Appended([], {})
    ensure_months(AgentEvent, min(row.start for row in ordered), max(row.start for row in ordered))
    held = _replace_spans([row for row in ordered if row.kind == EventKind.SPAN])
    written = insert_rows(
        AgentEvent,
        {
            "agent_id": ("bigint", [row.agent_id for row in ordered]),
            "start": ("timestamptz", [row.start for row in ordered]),
            "kind": ("text", [row.kind for row in ordered]),
            "status_id": ("bigint", [row.status_id for row in ordered]),
            "source_id": ("bigint", [row.source_id for row in ordered]),
            "at": ("timestamptz", [row.at for row in ordered]),
            "until": ("timestamptz", [row.until for row in ordered]),
            "transport": ("text", [row.transport for row in ordered]),
            "received_at": ("timestamptz", [row.received_at for row in ordered]),
            "payload": ("jsonb", [json.dumps(row.payload, cls=DjangoJSONEncoder) for row in ordered]),
            "is_pending": ("boolean", [row.is_pending for row in ordered]),
        },
        key=_KEY,
        update=("until",),
        only_if="held.kind = 'span'",
    )
    rows_written = [once[key] for key in written]
    return Appended(rows_written, _reach_of(rows_written, held))


def _once(rows: Iterable[AgentEvent]) -> dict[_Key, AgentEvent]:
    """Give each event where it came first, and each span where and as it came last."""
    once: dict[_Key, AgentEvent] = {}
    for row in rows:
        key = (row.agent_id, row.start, row.kind, row.status_id)
        if row.kind == EventKind.SPAN:
            once.pop(key, None)
        once.setdefault(key, row)
    return once


def _replace_spans(spans: Sequence[AgentEvent]) -> dict[tuple[int, dt.datetime], dt.datetime]:
    """Drop spans of the same agents and starts but other statuses; give until when what is there lasted."""
    if not spans:
        return {}
    keys: list[Any] = [
        [row.agent_id for row in spans],
        [row.start for row in spans],
        [row.status_id for row in spans],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.agent_id, e.start, max(e.until), bool_or(e.status_id <> k.status)"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) AS k(agent, start, status)"
            " JOIN monitoring_agentevent e ON e.agent_id = k.agent AND e.start = k.start AND e.kind = 'span'"
            " GROUP BY e.agent_id, e.start",
            keys,
        )
        held = cursor.fetchall()
        if any(is_other for _agent, _start, _until, is_other in held):
            cursor.execute(
                "DELETE FROM monitoring_agentevent e"
                " USING unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) AS k(agent, start, status)"
                " WHERE e.agent_id = k.agent AND e.start = k.start AND e.kind = 'span'"
                " AND e.status_id <> k.status",
                keys,
            )
    return {(agent, start): until for agent, start, until, _is_other in held}


def _reach_of(rows: Iterable[AgentEvent], held: Mapping[tuple[int, dt.datetime], dt.datetime]) -> Reach:
    reach: Reach = {}
    for row in rows:
        ends = [row.at, row.until or row.at]
        if row.kind == EventKind.SPAN and (row.agent_id, row.start) in held:
            ends.append(held[row.agent_id, row.start])
        widen(reach, row.agent_id, row.at, max(ends))
    return reach


def widen(reach: Reach, agent_id: int, low: dt.datetime, high: dt.datetime) -> None:
    """Let a reach take in another span."""
    known = reach.get(agent_id, (low, high))
    reach[agent_id] = min(known[0], low), max(known[1], high)


def take_pending(source: Source, most: int) -> Reach:
    """Take events that nobody has folded yet into a reach; whoever calls holds the lock and folds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE monitoring_agentevent e SET is_pending = false FROM ("
            " SELECT agent_id, start, kind, status_id FROM monitoring_agentevent"
            " WHERE source_id = %s AND is_pending ORDER BY number LIMIT %s) AS k"
            " WHERE e.agent_id = k.agent_id AND e.start = k.start AND e.kind = k.kind"
            " AND e.status_id = k.status_id RETURNING e.agent_id, e.at, e.until",
            [source.pk, most],
        )
        reach: Reach = {}
        for agent_id, at, until in cursor.fetchall():
            widen(reach, agent_id, at, until or at)
    return reach


def has_pending(source: Source) -> bool:
    """Tell whether events wait to be folded."""
    return AgentEvent.objects.filter(source=source, is_pending=True).exists()
