"""Handing events to their receivers: each at least once, one failing receiver never in the way of another."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from apps.core import clock
from apps.core.dispatch import enqueue
from apps.core.events import Event, find_receiver
from apps.core.models import DeliveryState, OutboxDelivery

if TYPE_CHECKING:
    from collections.abc import Iterator

LEASE_S = (
    60  # a dispatcher that died holds a delivery no longer than this; nor does a receiver that takes longer
)
BACKOFF_S = (5, 30, 120, 300, 900, 3600)
MAX_ATTEMPTS = len(BACKOFF_S) + 1
NO_OUTCOME = "No attempt told how it ended: the process died or the receiver outlived its lease each time."
BATCH = 200


def deliver_due(*, limit: int = BATCH) -> int:
    """Deliver what is due, oldest first, and give how many deliveries succeeded.

    A receiver's exception is recorded with the time of the next attempt, another dispatch is asked for, and
    the exception propagates: it belongs in the worker's log.
    """
    for delivered in range(limit):
        delivery = _claim_next()
        if delivery is None:
            return delivered
        with _outcome_recorded(delivery):
            _hand_over(delivery)
    enqueue("core.dispatch_outbox")
    return limit


@transaction.atomic
def _claim_next() -> OutboxDelivery | None:
    now = clock.now()
    due = OutboxDelivery.objects.filter(state=DeliveryState.PENDING, run_at__lte=now)
    due.filter(attempts__gte=MAX_ATTEMPTS).update(state=DeliveryState.FAILED, error=NO_OUTCOME)
    waiting = due.select_related("event").select_for_update(skip_locked=True, of=("self",))
    delivery = waiting.order_by("run_at", "pk").first()
    if delivery is not None:
        delivery.attempts += 1
        delivery.run_at = now + dt.timedelta(seconds=LEASE_S)
        delivery.save(update_fields=["attempts", "run_at"])
    return delivery


def _hand_over(delivery: OutboxDelivery) -> None:
    row = delivery.event
    function = find_receiver(row.type, delivery.receiver)
    if function is None:
        raise LookupError(f"No receiver of {row.type} is called {delivery.receiver}.")
    function(
        Event(
            id=row.id,
            type=row.type,
            occurred_at=row.occurred_at,
            aggregate=row.aggregate,
            aggregate_id=row.aggregate_id,
            version=row.version,
            actor=row.actor,
            data=row.data,
        )
    )


@contextmanager
def _outcome_recorded(delivery: OutboxDelivery) -> Iterator[None]:
    delivered = False
    try:
        yield
        delivered = True
    finally:
        # Only while the claim is ours: after the lease another dispatcher may have counted a new attempt.
        ours = OutboxDelivery.objects.filter(
            pk=delivery.pk, attempts=delivery.attempts, state=DeliveryState.PENDING
        )
        if delivered:
            ours.update(state=DeliveryState.DELIVERED, delivered_at=clock.now(), error="")
        else:
            error = sys.exception()
            ours.update(error=f"{type(error).__name__}: {error}", **_next_attempt(delivery.attempts))
            enqueue("core.dispatch_outbox")


def _next_attempt(attempts: int) -> dict[str, object]:
    if attempts >= MAX_ATTEMPTS:
        return {"state": DeliveryState.FAILED}
    return {"run_at": clock.now() + dt.timedelta(seconds=BACKOFF_S[attempts - 1])}
