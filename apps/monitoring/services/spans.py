"""Histories of statuses, as a centre answers them when it is asked for a span."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from apps.core import clock
from apps.monitoring.choices import EventKind, Transport
from apps.monitoring.models import AgentEvent
from apps.monitoring.services.arrivals import append, lock_history
from apps.monitoring.services.changes import fold_with_pending
from apps.monitoring.services.checking import id_fault, span_fault
from apps.monitoring.services.hearing import clock_of, heard_data
from apps.monitoring.services.naming import agent_ids, source_of, status_ids
from apps.monitoring.types import Problem, Received, StateSpan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.monitoring.models import Source


@transaction.atomic
def receive_spans(
    source: str, spans: Sequence[StateSpan], *, transport: Transport = Transport.PULL
) -> Received:
    """Take statuses with their ends; asked for again, the later answer holds, by agent and start.

    A status that is not tied to a group comes once for every group of the agent: these are one.
    """
    row = source_of(source)
    lock_history(row)
    received_at = clock.now()
    once, refused = _checked(row, spans, received_at)
    statuses = status_ids(row, {span.code: span.name for span in once})
    agents = agent_ids(row, (span.agent for span in once))
    rows = [
        AgentEvent(
            agent_id=agents[span.agent],
            start=span.start,
            kind=EventKind.ENTER if span.end is None else EventKind.SPAN,
            status_id=statuses[span.code],
            source=row,
            at=_by_our_clock(row, span.start),
            until=None if span.end is None else _by_our_clock(row, span.end),
            transport=transport,
            received_at=received_at,
            is_pending=False,
        )
        for span in once
    ]
    appended = append(rows)
    fold_with_pending(row, appended.reach)
    heard_data(row, transport)
    return Received(len(appended.rows), len(rows) - len(appended.rows), tuple(refused))


def _checked(
    source: Source, spans: Sequence[StateSpan], received_at: dt.datetime
) -> tuple[list[StateSpan], list[Problem]]:
    """Keep of each agent and start the longest, leave out what lasted no time, list what is wrong."""
    once: dict[tuple[str, dt.datetime], StateSpan] = {}
    refused: list[Problem] = []
    for span in dict.fromkeys(spans):
        end = None if span.end is None else _by_our_clock(source, span.end)
        fault = id_fault(span.agent, agent=span.agent, code=span.code) or span_fault(
            span.agent, _by_our_clock(source, span.start), end, received_at
        )
        if fault is not None:
            refused.append(fault)
            continue
        held = once.get((span.agent, span.start))
        if span.end != span.start and (held is None or _is_longer(span, held)):
            once[span.agent, span.start] = span
    return list(once.values()), refused


def _is_longer(span: StateSpan, held: StateSpan) -> bool:
    return held.end is not None and (span.end is None or span.end > held.end)


def _by_our_clock(source: Source, told: dt.datetime) -> dt.datetime:
    """Correct times since the clock was found to be off; what is older was told while it was right."""
    since = source.clock_offset_since
    if since is None:
        return told
    offset = dt.timedelta(milliseconds=clock_of(source).offset_ms)
    return told - offset if told - offset >= since else told
