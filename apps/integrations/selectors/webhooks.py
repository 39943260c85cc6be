"""Webhooks and their deliveries, for pages and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Max, Q

from apps.integrations.choices import OperationState
from apps.integrations.models import WebhookEndpoint, WebhookMessage
from apps.integrations.policies import may_see

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User


def endpoints_seen_by(user: User | AnonymousUser) -> QuerySet[WebhookEndpoint]:
    """Give the endpoints that are not closed; nobody's who may not see integrations."""
    found = (
        WebhookEndpoint.objects.filter(closed_at=None) if may_see(user) else WebhookEndpoint.objects.none()
    )
    return found.select_related("connection", "owner")


def endpoints_with_figures(user: User | AnonymousUser) -> QuerySet[WebhookEndpoint]:
    """Give them with `delivered`, `waiting` and `failed` (of what is kept) and `last_delivery`."""
    state = "messages__operation__state"
    annotated = endpoints_seen_by(user).annotate(
        delivered=Count("messages", filter=Q(**{state: OperationState.COMPLETED})),
        waiting=Count(
            "messages", filter=Q(**{f"{state}__in": [OperationState.PENDING, OperationState.PROCESSING]})
        ),
        failed=Count("messages", filter=Q(**{state: OperationState.FAILED})),
        last_delivery=Max("messages__operation__finished_at", filter=Q(**{state: OperationState.COMPLETED})),
    )
    return annotated.order_by("connection__name", "pk")


def deliveries_of(endpoint: WebhookEndpoint, *, state: str = "", event: str = "") -> QuerySet[WebhookMessage]:
    """Give the messages of an endpoint, newest first."""
    found = endpoint.messages.select_related("operation").order_by("-created_at", "-pk")
    if state in OperationState.values:
        found = found.filter(operation__state=state)
    return found.filter(event_type=event) if event else found
