"""What this app does when something happens in another: webhooks are told of it."""

from __future__ import annotations

from apps.core.events import Event, receiver
from apps.integrations.choices import WEBHOOK_EVENTS
from apps.integrations.services.webhooks import fan_out


def tell_webhooks(event: Event) -> None:
    """Write a message for each endpoint that wants the event."""
    fan_out(event)


for event_type in WEBHOOK_EVENTS:
    receiver(event_type, name="webhooks")(tell_webhooks)
