"""Messages of agents who enter and leave statuses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from apps.core import clock
from apps.monitoring.choices import EventKind, Transport
from apps.monitoring.models import AgentEvent
from apps.monitoring.services.arrivals import Appended, append, has_pending, lock_history, take_pending, widen
from apps.monitoring.services.checking import id_fault, time_fault
from apps.monitoring.services.hearing import heard_data, learn_from_events
from apps.monitoring.services.naming import agent_ids, source_of, status_ids
from apps.monitoring.services.states import refold
from apps.monitoring.types import Problem, Received, StateChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.monitoring.models import Source
    from apps.monitoring.services.arrivals import Reach

MOST_AT_ONCE = 5000
ROUNDS_OF_A_DOOR = 3  # then whoever comes next goes on: no message waits for all that follow
MOST_ROUNDS = 1000


@transaction.atomic
def receive_changes(source: str, changes: Sequence[StateChange], *, transport: Transport) -> Received:
    """Take messages of agents who entered or left a status, and make history of them."""
    row = source_of(source)
    lock_history(row)
    appended, received = _append(row, changes, transport, is_pending=False)
    fold_with_pending(row, appended.reach)
    heard_data(row, transport)
    return received


def accept_changes(source: str, changes: Sequence[StateChange], *, transport: Transport) -> Received:
    """Keep messages at once; history is made of them after the commit, by whoever does so just then.

    For doors where many messages come one by one: those that come meanwhile are folded together.
    """
    with transaction.atomic():
        row = source_of(source)
        _appended, received = _append(row, changes, transport, is_pending=True)
        again = partial(apply_pending, source, transport=transport, most_rounds=ROUNDS_OF_A_DOOR)
        transaction.on_commit(again)
    return received


def apply_pending(source: str, *, transport: Transport | None = None, most_rounds: int = MOST_ROUNDS) -> int:
    """Fold what was kept into history; give the number of rounds that took.

    When somebody else is at it, they find what is left here when they have done. What a process that died
    left, the sweep finds.
    """
    row = source_of(source)
    rounds = 0
    while rounds < most_rounds and has_pending(row):
        with transaction.atomic():
            if not lock_history(row, wait=False):
                return rounds
            fold_with_pending(row, {})
            if transport is not None:
                heard_data(row, transport)
        rounds += 1
    return rounds


def fold_with_pending(source: Source, reach: Reach) -> None:
    """Make history again where `reach` says and where kept messages change it; the caller holds the lock."""
    for agent_id, (low, high) in take_pending(source, MOST_AT_ONCE).items():
        widen(reach, agent_id, low, high)
    refold(source, reach)


def _append(
    source: Source, changes: Sequence[StateChange], transport: Transport, *, is_pending: bool
) -> tuple[Appended, Received]:
    received_at = clock.now()
    good: list[StateChange] = []
    refused: list[Problem] = []
    for change in changes:
        fault = id_fault(change.agent, agent=change.agent, code=change.code) or time_fault(
            change.agent, "at", change.at, received_at
        )
        if fault is None:
            good.append(change)
        else:
            refused.append(fault)
    known = learn_from_events(source, [change.at for change in good], received_at)
    statuses = status_ids(source, {change.code: change.name for change in good})
    agents = agent_ids(source, (change.agent for change in good))
    rows = [
        AgentEvent(
            agent_id=agents[change.agent],
            start=change.at,
            kind=EventKind.ENTER if change.entered else EventKind.EXIT,
            status_id=statuses[change.code],
            source=source,
            at=known.corrected(change.at, received_at),
            transport=transport,
            received_at=received_at,
            payload=dict(change.payload),
            is_pending=is_pending,
        )
        for change in good
    ]
    appended = append(rows)
    count = len(appended.rows)
    return appended, Received(count, len(good) - count, tuple(refused))
