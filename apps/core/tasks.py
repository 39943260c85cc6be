from __future__ import annotations

from celery import shared_task

from apps.core.services import idempotency, outbox, partition_upkeep


@shared_task(name="core.dispatch_outbox")
def dispatch_outbox() -> int:
    """Deliver due events; woken on commit and by beat every 5 s."""
    return outbox.deliver_due()


@shared_task(name="core.prune_outbox")
def prune_outbox() -> int:
    """Delete events that every receiver got long ago; beat sends it once a day."""
    return outbox.prune()


@shared_task(name="core.keep_partitions")
def keep_partitions() -> None:
    """Make the partitions of the months to come; beat sends it when it starts and every ten minutes."""
    partition_upkeep.keep_partitions()


@shared_task(name="core.prune_repeat_keys")
def prune_repeat_keys() -> int:
    """Drop the keys of repeatable requests that are older than they are kept."""
    return idempotency.prune()
