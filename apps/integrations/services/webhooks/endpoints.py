"""Endpoints of webhooks: made, changed, paused, given a new secret, closed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.events import emit
from apps.core.locks import lock_rows
from apps.core.phrases import Phrase
from apps.integrations.choices import WEBHOOK_EVENTS, Authentication, OperationState, System
from apps.integrations.errors import ConfigurationError
from apps.integrations.models import Connection, Operation, WebhookEndpoint
from apps.integrations.policies import require_managing
from apps.integrations.services.access import access_to, set_secret
from apps.integrations.services.webhooks.addresses import check_address
from apps.integrations.wire.webhook import key_of, new_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from apps.accounts.models import User

TIMEOUT_S = 15
ANSWER_BYTES = 65_536
OLD_SECRET_SIGNS_H = 24
LONGEST_NAME = 120
NO_NAME = gettext_noop("Give the webhook a name of at most %(most)s characters.")
NO_EVENTS = gettext_noop("Choose at least one event.")
NO_SUCH_EVENT = gettext_noop("There is no event %(event)s.")
GONE = gettext_noop("This webhook is no longer there.")
CLOSED = gettext_noop("This webhook is closed.")
BY_HAND = gettext_noop("Paused by hand.")


@transaction.atomic
def create_endpoint(
    *, name: str, url: str, events: Sequence[str], actor: User | None, secret: str = ""
) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint and give it with its secret, which is not shown again.

    Raises `NotAllowedError`, and `DomainError` with the field.
    """
    require_managing(actor)
    secret = _checked_secret(secret) or new_secret()
    connection = Connection.objects.create(
        code=f"webhook-{uuid.uuid4().hex[:12]}",
        name=_checked_name(name),
        system=System.WEBHOOK,
        base_url=check_address(url),
        time_zone="UTC",
        authentication=Authentication.NONE,
        timeout_s=TIMEOUT_S,
        max_answer_bytes=ANSWER_BYTES,
    )
    endpoint = WebhookEndpoint.objects.create(
        connection=connection, events=_checked_events(events), owner_id=None if actor is None else actor.pk
    )
    set_secret(connection, "secret", secret, actor=actor)
    record(action="webhook.created", obj=endpoint, actor=actor, after=_facts(endpoint))
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    endpoint_id: int,
    *,
    actor: User | None,
    name: str | None = None,
    url: str | None = None,
    events: Sequence[str] | None = None,
) -> WebhookEndpoint:
    """Change what is given of an endpoint; what waits goes to the new address."""
    endpoint = _held(endpoint_id, actor)
    before = _facts(endpoint)
    if name is not None:
        endpoint.connection.name = _checked_name(name)
    if url is not None:
        endpoint.connection.base_url = check_address(url)
    if events is not None:
        endpoint.events = _checked_events(events)
    after = _facts(endpoint)
    if after != before:
        endpoint.connection.save(update_fields=["name", "base_url"])
        endpoint.save(update_fields=["events"])
        changed = {field: value for field, value in after.items() if value != before[field]}
        was = {field: before[field] for field in changed}
        record(action="webhook.changed", obj=endpoint, actor=actor, before=was, after=changed)
    return endpoint


@transaction.atomic
def rotate_secret(
    endpoint_id: int, *, actor: User | None, old_signs_h: int = OLD_SECRET_SIGNS_H
) -> tuple[WebhookEndpoint, str]:
    """Give an endpoint a new secret; the earlier one signs beside it for `old_signs_h` hours."""
    endpoint = _held(endpoint_id, actor)
    secret = new_secret()
    old = access_to(endpoint.connection).secrets.get("secret", "") if old_signs_h > 0 else ""
    set_secret(endpoint.connection, "old_secret", old, actor=actor)
    set_secret(endpoint.connection, "secret", secret, actor=actor)
    endpoint.old_secret_until = clock.now() + dt.timedelta(hours=old_signs_h) if old else None
    endpoint.save(update_fields=["old_secret_until"])
    record(action="webhook.secret_rotated", obj=endpoint, actor=actor, after={"old_signs_h": old_signs_h})
    return endpoint, secret


@transaction.atomic
def pause_endpoint(endpoint_id: int, *, actor: User | None, reason: Phrase | None = None) -> WebhookEndpoint:
    """Send nothing to an endpoint until it is resumed; what waits stays, what happens meanwhile is not sent.

    The owner is told through the event `webhook.paused`. Paused already: nothing happens.
    """
    endpoint = _held(endpoint_id, actor)
    if endpoint.paused_at is None:
        endpoint.paused_at = clock.now()
        endpoint.pause_reason = reason or Phrase(BY_HAND)
        endpoint.save(update_fields=["paused_at", "pause_reason"])
        _switch(endpoint, is_active=False)
        facts = {"owner_id": endpoint.owner_id, "reason": endpoint.pause_reason.as_json()}
        record(action="webhook.paused", obj=endpoint, actor=actor, after=facts)
        emit(
            "webhook.paused",
            aggregate="integrations.webhookendpoint",
            aggregate_id=endpoint.pk,
            data=facts,
            actor=actor,
        )
    return endpoint


@transaction.atomic
def resume_endpoint(endpoint_id: int, *, actor: User | None) -> WebhookEndpoint:
    """Send to a paused endpoint again, beginning with what waited."""
    endpoint = _held(endpoint_id, actor)
    if endpoint.paused_at is not None:
        endpoint.paused_at, endpoint.failing_since, endpoint.pause_reason = None, None, Phrase()
        endpoint.save(update_fields=["paused_at", "failing_since", "pause_reason"])
        _switch(endpoint, is_active=True)
        record(action="webhook.resumed", obj=endpoint, actor=actor)
    return endpoint


@transaction.atomic
def close_endpoint(endpoint_id: int, *, actor: User | None) -> WebhookEndpoint:
    """End an endpoint: what waits is cancelled, its secrets go, its deliveries stay to be read."""
    endpoint = _held(endpoint_id, actor)
    _switch(endpoint, is_active=False)
    cancelled = cancel_waiting(WebhookEndpoint.objects.filter(pk=endpoint.pk))
    for name in ("secret", "old_secret"):
        set_secret(endpoint.connection, name, "", actor=actor)
    endpoint.closed_at = clock.now()
    endpoint.old_secret_until = None
    endpoint.save(update_fields=["closed_at", "old_secret_until"])
    record(action="webhook.closed", obj=endpoint, actor=actor, after={"cancelled": cancelled})
    return endpoint


def cancel_waiting(endpoints: QuerySet[WebhookEndpoint]) -> int:
    """Cancel what waits to be delivered to endpoints; give how many messages."""
    waiting = Operation.objects.filter(connection__webhook__in=endpoints, state=OperationState.PENDING)
    return waiting.update(state=OperationState.CANCELLED, finished_at=clock.now())


def _held(endpoint_id: int, actor: User | None) -> WebhookEndpoint:
    require_managing(actor)
    return lock_endpoint(endpoint_id)


def lock_endpoint(endpoint_id: int) -> WebhookEndpoint:
    """Give an endpoint with its connection and itself locked until the transaction ends, in this order.

    Raises `NotFoundError`, and `ConflictError` for one that is closed.
    """
    lock_rows(Connection.objects.filter(webhook=endpoint_id))
    found = lock_rows(WebhookEndpoint.objects.select_related("connection").filter(pk=endpoint_id))
    if not found:
        raise NotFoundError(Phrase(GONE))
    if found[0].closed_at is not None:
        raise ConflictError(Phrase(CLOSED))
    return found[0]


def _switch(endpoint: WebhookEndpoint, *, is_active: bool) -> None:
    endpoint.connection.is_active = is_active
    endpoint.connection.save(update_fields=["is_active"])


def _checked_name(name: str) -> str:
    text = name.strip()
    if not text or len(text) > LONGEST_NAME:
        reason = Phrase(NO_NAME, {"most": LONGEST_NAME})
        raise DomainError(reason, fields={"name": [str(reason)]})
    return text


def _checked_secret(secret: str) -> str:
    if secret:
        try:
            key_of(secret)
        except ConfigurationError as error:
            raise DomainError(error.reason, fields={"secret": [str(error.reason)]}) from error
    return secret


def _checked_events(events: Sequence[str]) -> list[str]:
    unknown = [event for event in events if event not in WEBHOOK_EVENTS]
    reason = Phrase(NO_SUCH_EVENT, {"event": unknown[0]}) if unknown else Phrase(NO_EVENTS)
    if unknown or not events:
        raise DomainError(reason, fields={"events": [str(reason)]})
    return sorted(set(events))


def _facts(endpoint: WebhookEndpoint) -> dict[str, Any]:
    connection = endpoint.connection
    return {"name": connection.name, "url": connection.base_url, "events": endpoint.events}
