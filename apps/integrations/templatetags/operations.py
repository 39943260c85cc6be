"""How operations are written on pages."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import FailureClass, OperationState
from apps.integrations.registry import operation_kind_label
from apps.integrations.wire.masking import mask

register = template.Library()
BADGES = {
    OperationState.PROCESSING: "accent",
    OperationState.COMPLETED: "good",
    OperationState.FAILED: "bad",
    OperationState.UNKNOWN: "warn",
}
OUTCOMES = {
    "": _("In work"),
    "done": _("Done"),
    "settle": _("Outcome unknown"),
    "unknown": _("Outcome unknown"),
}


@register.filter
def kind_name(kind: str) -> str:
    return operation_kind_label(kind)


@register.filter
def operation_badge(state: str) -> str:
    """Give the colour of an operation's state."""
    return BADGES.get(OperationState(state), "")


@register.filter
def outcome_name(outcome: str) -> str:
    """Name how an attempt ended."""
    if outcome in FailureClass.values:
        return str(FailureClass(outcome).label)
    return str(OUTCOMES.get(outcome, outcome))


@register.filter
def as_text(data: Any) -> str:
    """Write JSON for people, without names, logins and credentials."""
    return mask(json.dumps(data, ensure_ascii=False, indent=2))
