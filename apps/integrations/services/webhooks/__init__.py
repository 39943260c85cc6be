"""Webhooks: endpoints, the fan-out of events, deliveries (Standard Webhooks)."""

from apps.integrations.services.webhooks.endpoints import (
    change_endpoint,
    close_endpoint,
    create_endpoint,
    lock_endpoint,
    pause_endpoint,
    resume_endpoint,
    rotate_secret,
)
from apps.integrations.services.webhooks.fanning import fan_out, send_since, send_test
from apps.integrations.services.webhooks.secrets import show_secret
from apps.integrations.services.webhooks.upkeep import keep_up

__all__ = [
    "change_endpoint",
    "close_endpoint",
    "create_endpoint",
    "fan_out",
    "keep_up",
    "lock_endpoint",
    "pause_endpoint",
    "resume_endpoint",
    "rotate_secret",
    "send_since",
    "send_test",
    "show_secret",
]
