"""Agents' events folded into history, again from where new ones change it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from apps.core import clock
from apps.core.partitions import ensure_months
from apps.monitoring.models import AgentStateInterval, CurrentState
from apps.monitoring.services.checking import LONGEST_SPAN
from apps.monitoring.services.folding import Piece, Told, fold
from apps.monitoring.services.notifying import notify
from apps.monitoring.services.writing import insert_rows
from apps.monitoring.types import Changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apps.monitoring.models import Source
    from apps.monitoring.services.arrivals import Reach

_MARGIN = dt.timedelta(days=2)  # of told against corrected times, for finding partitions
_NEAR = dt.timedelta(days=35)

_CLEAN = """(e.kind = 'span' OR (e.kind = 'enter' AND NOT EXISTS (
    SELECT 1 FROM monitoring_agentevent x JOIN monitoring_agentevent y
      ON y.agent_id = x.agent_id AND y.at = x.at AND y.kind = 'enter' AND y.status_id = x.status_id
    WHERE x.agent_id = e.agent_id AND x.at = e.at AND x.kind = 'exit'
      AND x.start > %(after)s AND y.start > %(after)s)))"""  # what holds then does not depend on earlier ones
_RESETS = """
SELECT w.agent,
  (SELECT e.at FROM monitoring_agentevent e
    WHERE e.agent_id = w.agent AND e.at < w.low AND e.start > %(after)s AND [clean]
    ORDER BY e.at DESC LIMIT 1),
  (SELECT e.at FROM monitoring_agentevent e
    WHERE e.agent_id = w.agent AND e.at > w.high AND e.start > %(from)s AND [clean]
    ORDER BY e.at LIMIT 1)
FROM unnest(%(agents)s::bigint[], %(lows)s::timestamptz[], %(highs)s::timestamptz[]) AS w(agent, low, high)
""".replace("[clean]", _CLEAN)
_EVENTS = """
SELECT e.agent_id, e.at, e.kind, e.status_id, e.number, e.until
FROM unnest(%(agents)s::bigint[], %(lows)s::timestamptz[], %(highs)s::timestamptz[]) AS w(agent, low, high)
JOIN monitoring_agentevent e ON e.agent_id = w.agent AND e.at >= w.low AND e.at < w.high
WHERE e.start > %(from)s
UNION ALL
SELECT e.agent_id, e.at, e.kind, e.status_id, e.number, e.until
FROM unnest(%(agents)s::bigint[], %(lows)s::timestamptz[]) AS w(agent, low)
JOIN monitoring_agentevent e ON e.agent_id = w.agent AND e.kind = 'span' AND e.until > w.low AND e.at < w.low
WHERE e.start > %(spans_from)s
"""
_STORED = """
SELECT i.agent_id, i.start, i."end", i.status_id
FROM unnest(%(agents)s::bigint[], %(lows)s::timestamptz[], %(highs)s::timestamptz[]) AS w(agent, low, high)
JOIN monitoring_agentstateinterval i ON i.agent_id = w.agent AND i.start >= w.low AND i.start < w.high
WHERE i.start >= %(first)s
"""
_FOREVER = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


def refold(source: Source, reach: Reach) -> Changes:
    """Make the agents' history again where events changed it; whoever calls holds the lock.

    The part that is made again lies between two instants that history does not look back beyond.
    """
    if not reach:
        return Changes(source.code)
    spans = _between_resets(reach)
    told = _events(spans)
    pieces = {agent: _clipped(fold(told[agent]), low, high) for agent, (low, high) in spans.items()}
    _store(spans, pieces)
    latest = {
        agent: _state_after(pieces[agent], told[agent], low)
        for agent, (low, high) in spans.items()
        if high == _FOREVER
    }
    changed = _store_current(latest)
    changes = Changes(source.code, agents=tuple(sorted(changed)))
    transaction.on_commit(partial(notify, changes))
    return changes


def _between_resets(reach: Reach) -> Reach:
    agents = sorted(reach)
    low_of, high_of = _resets(reach, agents, min(reach[agent][0] for agent in agents) - _NEAR)
    unknown = [agent for agent in agents if low_of[agent] is None]
    if unknown:
        older, _high = _resets(reach, unknown, dt.datetime(1900, 1, 1, tzinfo=dt.UTC))
        low_of |= older
    return {agent: (low_of[agent] or reach[agent][0], high_of[agent] or _FOREVER) for agent in agents}


def _resets(
    reach: Reach, agents: Sequence[int], after: dt.datetime
) -> tuple[dict[int, dt.datetime | None], dict[int, dt.datetime | None]]:
    highs = [reach[agent][1] for agent in agents]
    rows = _query(
        _RESETS,
        agents=agents,
        lows=[reach[agent][0] for agent in agents],
        highs=highs,
        after=after,
        **{"from": min(highs) - _MARGIN},
    )
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}


def _events(spans: Reach) -> dict[int, list[Told]]:
    told: defaultdict[int, list[Told]] = defaultdict(list)
    first = min(low for low, _high in spans.values())
    for agent, at, kind, status, number, until in _query(
        _EVENTS, **_as_arrays(spans), spans_from=first - LONGEST_SPAN - _MARGIN, **{"from": first - _MARGIN}
    ):
        told[agent].append(Told(at, kind, status, number, until))
    return told


def _as_arrays(spans: Reach) -> dict[str, Any]:
    return {
        "agents": list(spans),
        "lows": [low for low, _high in spans.values()],
        "highs": [high for _low, high in spans.values()],
    }


def _query(statement: str, **params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _clipped(pieces: Iterable[Piece], low: dt.datetime, high: dt.datetime) -> list[Piece]:
    """Give the part of a history from `low` to `high`; open ends stay open only where nothing follows."""
    clipped = []
    for piece in pieces:
        start = max(piece.start, low)
        end = piece.end if high == _FOREVER else min(piece.end or high, high)
        if end is None or end > start:
            clipped.append(Piece(start, end, piece.status))
    return clipped


def _store(spans: Reach, pieces: Mapping[int, Sequence[Piece]]) -> None:
    """Write what differs from what the table holds of these spans."""
    first = min(low for low, _high in spans.values())
    stored = {
        (agent, start): (end, status)
        for agent, start, end, status in _query(_STORED, **_as_arrays(spans), first=first)
    }
    wanted = {(agent, piece.start): (piece.end, piece.status) for agent in spans for piece in pieces[agent]}
    gone = [key for key in stored if key not in wanted]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM monitoring_agentstateinterval i"
                " USING unnest(%s::bigint[], %s::timestamptz[]) AS k(agent, start)"
                " WHERE i.agent_id = k.agent AND i.start = k.start",
                [[agent for agent, _start in gone], [start for _agent, start in gone]],
            )
    new = {key: row for key, row in wanted.items() if stored.get(key) != row}
    if not new:
        return
    starts = [start for _agent, start in new]
    ensure_months(AgentStateInterval, min(starts), max(starts))
    insert_rows(
        AgentStateInterval,
        {
            "agent_id": ("bigint", [agent for agent, _start in new]),
            "start": ("timestamptz", starts),
            "end": ("timestamptz", [end for end, _status in new.values()]),
            "status_id": ("bigint", [status for _end, status in new.values()]),
        },
        key=("agent_id", "start"),
        update=("end", "status_id"),
    )


def _state_after(
    pieces: Sequence[Piece], told: Sequence[Told], low: dt.datetime
) -> tuple[int | None, dt.datetime]:
    """Give the status that lasts and since when; none since the last one ended."""
    if not pieces:
        return None, max((event.at for event in told), default=low)
    last = pieces[-1]
    return (last.status, last.start) if last.end is None else (None, last.end)


def _store_current(latest: Mapping[int, tuple[int | None, dt.datetime]]) -> list[int]:
    if not latest:
        return []
    now = clock.now()
    written = insert_rows(
        CurrentState,
        {
            "agent_id": ("bigint", list(latest)),
            "status_id": ("bigint", [status for status, _since in latest.values()]),
            "since": ("timestamptz", [since for _status, since in latest.values()]),
            "changed_at": ("timestamptz", [now] * len(latest)),
        },
        key=("agent_id",),
        update=("status_id", "since", "changed_at"),
        only_if="(held.status_id, held.since) IS DISTINCT FROM (excluded.status_id, excluded.since)",
    )
    return [agent for (agent,) in written]
