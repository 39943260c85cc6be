"""How sends to 1C are coloured and named on pages."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

from apps.integrations.selectors.fact_sends import STATES
from apps.integrations.selectors.send_results import LABELS

register = template.Library()
BADGES = {
    "sent": "good",
    "unchanged": "good",
    "waiting": "accent",
    "stale": "warn",
    "held": "warn",
    "unknown": "warn",
    "refused": "bad",
    "failed": "bad",
}


@register.filter
def send_badge(state: str) -> str:
    """Give the colour of a state of a send."""
    return BADGES.get(state, "")


@register.filter
def outcome_label(outcome: str) -> str:
    """Name an outcome of a run that sends."""
    return str(LABELS.get(outcome, outcome))


@register.filter
def fact_label(state: str) -> str:
    """Name a state of a fact."""
    return str(STATES[state])


@register.filter
def in_hours(length_ms: int) -> str:
    """Write milliseconds as hours, with two decimals at most."""
    return number_format(round(length_ms / 3_600_000, 2)).rstrip()
