from __future__ import annotations

from celery import shared_task

from apps.monitoring.models import AgentEvent, Source
from apps.monitoring.services.intake import apply_pending
from apps.monitoring.services.retention import drop_expired
from apps.monitoring.services.taking_history import take_due_history as take


@shared_task(name="monitoring.apply_pending")
def fold_what_was_left() -> None:
    """Make history of messages that a process kept and did not live to fold."""
    waiting = AgentEvent.objects.filter(is_pending=True).values("source")
    for code in Source.objects.filter(pk__in=waiting).values_list("code", flat=True):
        apply_pending(code)


@shared_task(name="monitoring.take_due_history")
def take_due_history() -> None:
    """Bring what is kept of newly linked groups into the history of their queues."""
    take()


@shared_task(name="monitoring.drop_expired")
def drop_what_is_too_old() -> None:
    """Drop months older than `MONITORING_KEPT_MONTHS`; beat sends it once a day."""
    drop_expired()
