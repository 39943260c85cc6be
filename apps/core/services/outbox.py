"""Handing events to their receivers: each at least once, one failing receiver never in the way of another."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.core import clock
from apps.core.dispatch import enqueue
from apps.core.events import Event, find_receiver
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent
from apps.core.outlasting import outlast_database

if TYPE_CHECKING:
    from collections.abc import Iterator

LEASE_S = (
    60  # a dispatcher that died holds a delivery no longer than this; nor does a receiver that takes longer
)
BACKOFF_S = (5, 30, 120, 300, 900, 3600)
MAX_ATTEMPTS = len(BACKOFF_S) + 1
NO_OUTCOME = "No attempt told how it ended: the process died or the receiver outlived its lease each time."
BATCH = 200
PRUNED_AT_ONCE = 1000
MOST_PRUNED_BATCHES = 500  # the rest is for the next night


def deliver_due(*, limit: int = BATCH) -> int:
    """Deliver what is due, oldest first, and give how many deliveries succeeded.

    A receiver's exception is recorded with the time of the next attempt, another dispatch is asked for, and
    the exception propagates: it belongs in the worker's log.
    """
    _give_up()
    for delivered in range(limit):
        delivery = _claim_next()
        if delivery is None:
            return delivered
        with _outcome_recorded(delivery):
            _hand_over(delivery)
    enqueue("core.dispatch_outbox")
    return limit


def _give_up() -> None:
    due = OutboxDelivery.objects.filter(state=DeliveryState.PENDING, run_at__lte=clock.now())
    due.filter(attempts__gte=MAX_ATTEMPTS).update(state=DeliveryState.FAILED, error=NO_OUTCOME)


@transaction.atomic
def _claim_next() -> OutboxDelivery | None:
    now = clock.now()
    due = OutboxDelivery.objects.filter(
        state=DeliveryState.PENDING, run_at__lte=now, attempts__lt=MAX_ATTEMPTS
    )
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
        error = None if delivered else sys.exception()
        outlast_database(lambda: _write_outcome(delivery, error))
        if error is not None:
            enqueue("core.dispatch_outbox")


def _write_outcome(delivery: OutboxDelivery, error: BaseException | None) -> None:
    # Only while the claim is ours: after the lease another dispatcher may have counted a new attempt.
    ours = OutboxDelivery.objects.filter(
        pk=delivery.pk, attempts=delivery.attempts, state=DeliveryState.PENDING
    )
    if error is None:
        ours.update(state=DeliveryState.DELIVERED, delivered_at=clock.now(), error="")
    else:
        ours.update(error=f"{type(error).__name__}: {error}", **_next_attempt(delivery.attempts))


def _next_attempt(attempts: int) -> dict[str, object]:
    if attempts >= MAX_ATTEMPTS:
        return {"state": DeliveryState.FAILED}
    return {"run_at": clock.now() + dt.timedelta(seconds=BACKOFF_S[attempts - 1])}


def prune() -> int:
    """Delete events older than `EVENTS_KEPT_DAYS` that every receiver got, in short transactions.

    Gives how many. What waits or failed stays, whatever its age.
    """
    if settings.EVENTS_KEPT_DAYS <= 0:
        return 0
    before = clock.now() - dt.timedelta(days=settings.EVENTS_KEPT_DAYS)
    owed = OutboxDelivery.objects.filter(event=OuterRef("pk")).exclude(state=DeliveryState.DELIVERED)
    old = OutboxEvent.objects.filter(~Exists(owed), occurred_at__lt=before).order_by("occurred_at")
    deleted = 0
    for _batch in range(MOST_PRUNED_BATCHES):
        keys = list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
        OutboxEvent.objects.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < PRUNED_AT_ONCE:
            break
    return deleted
