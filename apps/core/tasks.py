from __future__ import annotations

from celery import shared_task

from apps.core.services import outbox


@shared_task(name="core.dispatch_outbox")
def dispatch_outbox() -> int:
    """Deliver due events; woken on commit and by beat every 5 s."""
    return outbox.deliver_due()
