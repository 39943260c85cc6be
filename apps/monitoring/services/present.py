"""Lists of who does what just now; who is no longer listed has left."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection, transaction

from apps.core import clock
from apps.monitoring.choices import EventKind, Transport
from apps.monitoring.models import AgentEvent, CurrentState
from apps.monitoring.services.arrivals import append, lock_history, widen
from apps.monitoring.services.changes import fold_with_pending
from apps.monitoring.services.checking import id_fault, time_fault
from apps.monitoring.services.hearing import clock_of, heard_data
from apps.monitoring.services.naming import agent_ids, source_of, status_ids
from apps.monitoring.types import PresentState, Problem, Received

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.monitoring.models import Source
    from apps.monitoring.services.arrivals import Reach

SAME = dt.timedelta(seconds=2)  # one transport tells whole seconds, the other milliseconds


@transaction.atomic
def receive_present(
    source: str, states: Sequence[PresentState], *, asked_at: dt.datetime, transport: Transport
) -> Received:
    """Take a complete list of active agents, asked for at an instant of our clock.

    Whoever is not listed and came before `asked_at` has left by then, until a later list or message says
    otherwise.
    """
    row = source_of(source)
    lock_history(row)
    received_at = clock.now()
    good, refused = _checked(states, received_at)
    agents = agent_ids(row, good)
    statuses = status_ids(row, {state.code: state.name for state in good.values()})
    current = {
        state.agent_id: state
        for state in CurrentState.objects.filter(agent__source=row, status__isnull=False)
    }
    rows = []
    known = clock_of(row)
    for state in good.values():
        at = known.corrected(state.since, received_at)
        held = current.get(agents[state.agent])
        if held and held.status_id == statuses[state.code] and abs(held.since - at) <= SAME:
            continue
        event = _event(row, agents[state.agent], EventKind.ENTER, statuses[state.code], state.since)
        event.at = at
        rows.append(event)
    reach = _back_again(rows)
    listed = {agents[name] for name in agents}
    for agent_id, held in current.items():
        if agent_id not in listed and held.since < asked_at and held.status_id is not None:
            rows.append(_event(row, agent_id, EventKind.ABSENT, held.status_id, asked_at))
    for event in rows:
        event.transport, event.received_at = transport, received_at
    appended = append(rows)
    for agent_id, (low, high) in appended.reach.items():
        widen(reach, agent_id, low, high)
    fold_with_pending(row, reach)
    heard_data(row, transport)
    count = len(appended.rows)
    return Received(count, len(good) - min(count, len(good)), tuple(refused))


def _checked(
    states: Sequence[PresentState], received_at: dt.datetime
) -> tuple[dict[str, PresentState], list[Problem]]:
    """Keep of each agent the state that began last."""
    good: dict[str, PresentState] = {}
    refused: list[Problem] = []
    for state in states:
        fault = id_fault(state.agent, agent=state.agent, code=state.code) or time_fault(
            state.agent, "since", state.since, received_at
        )
        if fault is not None:
            refused.append(fault)
        elif state.agent not in good or good[state.agent].since < state.since:
            good[state.agent] = state
    return good, refused


def _event(source: Source, agent_id: int, kind: EventKind, status_id: int, at: dt.datetime) -> AgentEvent:
    return AgentEvent(
        agent_id=agent_id,
        start=at,
        kind=kind,
        status_id=status_id,
        source=source,
        at=at,
        is_pending=False,
    )


def _back_again(listed: Sequence[AgentEvent]) -> Reach:
    """Take back that agents had left where a list shows that the same status still lasts."""
    reach: Reach = {}
    if not listed:
        return reach
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM monitoring_agentevent e"
            " USING unnest(%s::bigint[], %s::timestamptz[]) AS k(agent, since)"
            " WHERE e.agent_id = k.agent AND e.kind = 'absent' AND e.at > k.since AND e.start > %s"
            " RETURNING e.agent_id, e.at",
            [
                [event.agent_id for event in listed],
                [event.at for event in listed],
                min(event.at for event in listed),
            ],
        )
        for agent_id, at in cursor.fetchall():
            widen(reach, agent_id, at, at)
    return reach
