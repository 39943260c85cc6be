"""Events become messages: one operation for each endpoint that wants the event, written once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import orjson
from django.db import transaction

from apps.core import clock
from apps.core.events import Event
from apps.core.models import OutboxEvent
from apps.integrations.choices import TEST_EVENT
from apps.integrations.models import Operation, WebhookEndpoint, WebhookMessage
from apps.integrations.policies import require_operating
from apps.integrations.services.operations import add_operations
from apps.integrations.services.webhooks.endpoints import lock_endpoint
from apps.integrations.types import NewOperation

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from apps.accounts.models import User

DELIVER = "webhook.deliver"
PRIORITY, TEST_PRIORITY = 4, 1
MOST_SENT_AGAIN = 10_000


def fan_out(event: Event) -> int:
    """Write a message for every endpoint that wants `event` and has none of it; give how many."""
    wanting = WebhookEndpoint.objects.filter(
        events__contains=[event.type], paused_at=None, closed_at=None
    ).exclude(messages__event_id=event.id)
    endpoints = list(wanting.order_by("pk"))
    if endpoints:
        _write([(endpoint, event) for endpoint in endpoints], actor=None)
    return len(endpoints)


@transaction.atomic
def send_since(endpoint_id: int, since: dt.datetime, *, actor: User | None) -> int:
    """Send an endpoint what it wants of the events since an instant and never got; give how many.

    Events are kept for `EVENTS_KEPT_DAYS`; at most `MOST_SENT_AGAIN` are sent at once, the oldest first.
    """
    require_operating(actor)
    endpoint = lock_endpoint(endpoint_id)
    known = WebhookMessage.objects.filter(endpoint=endpoint).values("event_id")
    wanted = OutboxEvent.objects.filter(type__in=endpoint.events, occurred_at__gte=since)
    rows = wanted.exclude(pk__in=known).order_by("occurred_at")[:MOST_SENT_AGAIN]
    return len(_write([(endpoint, _event(row)) for row in rows], actor=actor))


@transaction.atomic
def send_test(endpoint_id: int, *, actor: User | None) -> Operation:
    """Send an endpoint an event `webhook.test`, before all others, and give its operation."""
    require_operating(actor)
    endpoint = lock_endpoint(endpoint_id)
    event = Event(
        id=uuid.uuid4(),
        type=TEST_EVENT,
        occurred_at=clock.now(),
        aggregate="integrations.webhookendpoint",
        aggregate_id=str(endpoint.pk),
        version=1,
        actor=None if actor is None else str(actor.pk),
        data={"webhook_id": endpoint.pk},
    )
    return _write([(endpoint, event)], actor=actor, priority=TEST_PRIORITY)[0]


@transaction.atomic
def _write(
    wanted: Sequence[tuple[WebhookEndpoint, Event]], *, actor: User | None, priority: int = PRIORITY
) -> list[Operation]:
    # The same event handed over twice at once: the constraint lets one through, the other is tried again.
    new = [
        NewOperation(
            connection_id=endpoint.connection_id, kind=DELIVER, payload=_payload(event), priority=priority
        )
        for endpoint, event in wanted
    ]
    operations = add_operations(new, actor=actor)
    WebhookMessage.objects.bulk_create(
        WebhookMessage(endpoint=endpoint, event_id=event.id, event_type=event.type, operation=operation)
        for (endpoint, event), operation in zip(wanted, operations, strict=True)
    )
    return operations


def _payload(event: Event) -> dict[str, str]:
    """Give what is sent: the text is signed as it stands, so it is made once."""
    body = {
        "type": event.type,
        "timestamp": event.occurred_at,
        "data": {**event.data, "aggregate": event.aggregate, "aggregate_id": event.aggregate_id},
    }
    text = orjson.dumps(body, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()
    return {"id": f"msg_{event.id.hex}", "type": event.type, "body": text}


def _event(row: OutboxEvent) -> Event:
    return Event(
        id=row.id,
        type=row.type,
        occurred_at=row.occurred_at,
        aggregate=row.aggregate,
        aggregate_id=row.aggregate_id,
        version=row.version,
        actor=row.actor,
        data=row.data,
    )
