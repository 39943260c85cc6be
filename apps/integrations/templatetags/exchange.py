"""How runs and connections are written on pages."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import RunState
from apps.integrations.selectors.runs import purpose_label

register = template.Library()
COUNTS = {
    "read": _("Read"),
    "created": _("Created"),
    "updated": _("Updated"),
    "changed": _("Changed"),
    "deactivated": _("Deactivated"),
    "dismissed": _("Dismissed"),
    "vanished": _("Missing from the answer"),
    "unchanged": _("Unchanged"),
    "refused": _("Refused"),
    "repeated": _("Known already"),
    "appended": _("Added"),
    "skipped": _("Skipped"),
    "sent": _("Sent"),
    "failed": _("Failed"),
    "calls": _("Calls"),
    "problems": _("Problems"),
    "norms": _("Norms"),
    "people": _("People"),
    "at_work": _("At work here"),
    "asked": _("Asked for"),
    "received": _("Received"),
    "employees": _("Employees"),
    "departments": _("Departments"),
    "positions": _("Positions"),
}
BADGES = {
    RunState.RUNNING: "accent",
    RunState.WAITING: "warn",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
}


@register.filter
def count_label(name: str) -> str:
    """Name what a run counted; a name that is not known is shown as it is."""
    return str(COUNTS.get(name) or name.replace("_", " ").capitalize())


@register.filter
def purpose_name(purpose: str) -> str:
    return purpose_label(purpose)


@register.filter
def run_badge(state: str) -> str:
    """Give the colour of a run's state."""
    return BADGES.get(RunState(state), "")
