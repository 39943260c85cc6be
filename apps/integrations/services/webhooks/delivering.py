"""One delivery: signed anew, sent to an address that was looked at, judged by its status alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError, ExchangeError, RefusedError, TemporaryError
from apps.integrations.models import WebhookEndpoint
from apps.integrations.registry import operation_handler
from apps.integrations.services.access import access_to
from apps.integrations.services.webhooks.addresses import target_guard
from apps.integrations.services.webhooks.endpoints import CLOSED, pause_endpoint
from apps.integrations.services.webhooks.fanning import DELIVER
from apps.integrations.types import Done
from apps.integrations.wire.client import call
from apps.integrations.wire.webhook import signed_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.integrations.types import Access, OperationInHand

MINUTE_S, HOUR_S = 60, 3600
RETRY_DELAYS_S = (  # 24 hours in all
    5,
    MINUTE_S,
    5 * MINUTE_S,
    30 * MINUTE_S,
    2 * HOUR_S,
    5 * HOUR_S,
    8 * HOUR_S,
    8 * HOUR_S + 24 * MINUTE_S,
)
JITTER = 0.1
ANY_STATUS = range(200, 600)
WELL = range(200, 300)
ANSWERED = gettext_noop("The receiver answered with status %(status)s.")
REDIRECTED = gettext_noop("The receiver sends elsewhere (status %(status)s); webhooks follow no redirects.")
SENT_AWAY = gettext_noop("The receiver wants no more messages (status 410).")


@operation_handler(DELIVER, label=_("Webhook"), retry_delays_s=RETRY_DELAYS_S, jitter=JITTER)
def deliver(operation: OperationInHand) -> Done:
    """Send one message; any status of 200 to 299 is well, whatever the body."""
    endpoint = (
        WebhookEndpoint.objects.select_related("connection")
        .prefetch_related("connection__credentials")
        .get(connection=operation.connection_id)
    )
    try:
        status = _send(operation, endpoint, access_to(endpoint.connection))
    except ExchangeError as error:
        if error.status is None or error.status not in WELL:
            _note_failure(endpoint)
            raise
        status = error.status  # a body that is too long or cut does not make it unwell
    if status == HTTPStatus.GONE:
        pause_endpoint(endpoint.pk, actor=None, reason=Phrase(SENT_AWAY))
        raise RefusedError(Phrase(SENT_AWAY), status=status)
    if endpoint.failing_since is not None:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
    return Done({"status": status})


def _send(operation: OperationInHand, endpoint: WebhookEndpoint, access: Access) -> int:
    body = operation.payload["body"].encode()
    secrets = [access.secrets[name] for name in _names_in_force(endpoint) if name in access.secrets]
    if not secrets:  # closed while this was on its way: nothing leaves unsigned
        raise ConfigurationError(Phrase(CLOSED), sent=False)
    now_s = int(clock.now().timestamp())
    answer = call(
        access,
        "POST",
        "",
        absolute_url=access.base_url,
        endpoint=operation.payload["type"],
        content=body,
        headers=signed_headers(operation.payload["id"], now_s, body, secrets),
        session_id=operation.session_id,
        request_id=operation.request_id,
        accept_status=ANY_STATUS,
        needs_body=False,
        guard=target_guard(),
    )
    if answer.status in WELL or answer.status == HTTPStatus.GONE:
        return answer.status
    text = REDIRECTED if answer.status < HTTPStatus.BAD_REQUEST else ANSWERED
    error = TemporaryError(Phrase(text, {"status": answer.status}), status=answer.status)
    error.retry_after_s = _retry_after_s(answer.headers)
    raise error


def _names_in_force(endpoint: WebhookEndpoint) -> list[str]:
    until = endpoint.old_secret_until
    return ["secret", "old_secret"] if until is not None and until > clock.now() else ["secret"]


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _note_failure(endpoint: WebhookEndpoint) -> None:
    if endpoint.failing_since is None:
        WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=clock.now())
