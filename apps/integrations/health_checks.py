"""What `/health` says of other systems and of the operations on their way to them."""

from __future__ import annotations

from django.db.models import Count, Q

from apps.core.health import FAILED_LIMIT, PENDING_LIMIT, Finding, Health, health_check
from apps.core.models import DeliveryState, OutboxDelivery
from apps.integrations.choices import OperationState
from apps.integrations.models import Connection, Operation


@health_check("queue")
def queue() -> Finding:
    """Healthy while fewer than 10 deliveries and operations failed and fewer than 1000 wait."""
    deliveries = OutboxDelivery.objects.exclude(state=DeliveryState.DELIVERED).aggregate(
        pending=Count("pk", filter=Q(state=DeliveryState.PENDING)),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
    )
    operations = Operation.objects.filter(
        state__in=[OperationState.PENDING, OperationState.FAILED, OperationState.UNKNOWN]
    ).aggregate(
        pending=Count("pk", filter=Q(state=OperationState.PENDING)),
        failed=Count("pk", filter=~Q(state=OperationState.PENDING)),
    )
    figures = {name: deliveries[name] + operations[name] for name in ("pending", "failed")}
    healthy = figures["failed"] < FAILED_LIMIT and figures["pending"] < PENDING_LIMIT
    found = {**figures, **{f"operations_{name}": count for name, count in operations.items()}}
    return Finding(Health.HEALTHY if healthy else Health.DEGRADED, found)


@health_check("external_api")
def external_api() -> Finding:
    """Degraded while an active connection is down: its breaker is open, or the last look found it ill."""
    figures = Connection.objects.filter(is_active=True).aggregate(
        configured=Count("pk"),
        down=Count("pk", filter=Q(breaker__open_until__isnull=False) | Q(health__is_well=False)),
    )
    return Finding(Health.DEGRADED if figures["down"] else Health.HEALTHY, figures)
