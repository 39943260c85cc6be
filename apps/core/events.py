"""Domain events: written with the change that causes them, handed to each receiver after the commit.

`docs/events.md` lists every event with its data. Higher apps register receivers in their `receivers.py`,
which their `AppConfig.ready` imports; each gets every event at least once, on its own, outside any
transaction. A receiver is short: one that takes longer than the lease (60 s) is handed the event again while
it still works, so long work is a job that the receiver starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.core.dispatch import enqueue
from apps.core.models import OutboxDelivery, OutboxEvent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.db.models import Model


@dataclass(frozen=True)
class Event:
    """What a receiver is given; `id` stays the same when the event is handed over again."""

    id: UUID
    type: str
    occurred_at: dt.datetime
    aggregate: str
    aggregate_id: str
    version: int
    actor: str | None
    data: Mapping[str, Any]


_receivers: dict[str, dict[str, Callable[[Event], None]]] = {}  # event type -> name -> function


def receiver(event_type: str, *, name: str) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Register a function as the receiver `name` (unique, it is kept in the database) of `event_type`."""

    def register(function: Callable[[Event], None]) -> Callable[[Event], None]:
        if _receivers.setdefault(event_type, {}).setdefault(name, function) is not function:
            raise ValueError(f"Two receivers of {event_type} are called {name}.")
        return function

    return register


def find_receiver(event_type: str, name: str) -> Callable[[Event], None] | None:
    return _receivers.get(event_type, {}).get(name)


def emit(
    event_type: str,
    *,
    aggregate: str,
    aggregate_id: object,
    data: dict[str, Any],
    actor: Model | None = None,
    version: int = 1,
) -> OutboxEvent:
    """Write an event and one delivery per receiver; nothing leaves unless the transaction commits.

    `version` is the version of the shape of `data`. Raises `RuntimeError` outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event belongs to the transaction of its change: use transaction.atomic.")
    event = OutboxEvent.objects.create(
        type=event_type,
        aggregate=aggregate,
        aggregate_id=str(aggregate_id),
        version=version,
        actor=None if actor is None else str(actor.pk),
        data=data,
    )
    names = _receivers.get(event_type, {})
    if names:
        OutboxDelivery.objects.bulk_create([OutboxDelivery(event=event, receiver=name) for name in names])
        enqueue("core.dispatch_outbox")
    return event
