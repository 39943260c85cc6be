"""The secret of an endpoint, for whoever sets up the receiver; every look is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from apps.audit.services import record
from apps.core.errors import NotFoundError
from apps.core.phrases import Phrase
from apps.integrations.models import WebhookEndpoint
from apps.integrations.policies import require_managing
from apps.integrations.services.access import access_to
from apps.integrations.services.webhooks.endpoints import GONE

if TYPE_CHECKING:
    from apps.accounts.models import User


@transaction.atomic
def show_secret(endpoint_id: int, *, actor: User) -> str:
    """Give the secret in force, and record who saw it."""
    require_managing(actor)
    found = WebhookEndpoint.objects.select_related("connection").filter(pk=endpoint_id, closed_at=None)
    endpoint = found.first()
    secret = access_to(endpoint.connection).secrets.get("secret") if endpoint else None
    if endpoint is None or secret is None:  # closed now, or while this looked
        raise NotFoundError(Phrase(GONE))
    record(action="webhook.secret_shown", obj=endpoint, actor=actor)
    return secret
