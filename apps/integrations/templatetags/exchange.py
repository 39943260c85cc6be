"""How runs and connections are written on pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.integrations.choices import TEST_EVENT, WEBHOOK_EVENTS, Recurrence, RunState
from apps.integrations.selectors.health import Standing
from apps.integrations.selectors.runs import purpose_label

if TYPE_CHECKING:
    from apps.integrations.models import Credential, RunSchedule

register = template.Library()
OLD = dt.timedelta(days=30)
SECRETS = {
    "password": _("password"),
    "secret": _("secret"),
    "old_secret": _("earlier secret"),
    "token": _("token"),
}
STANDINGS = {Standing.DOWN: "bad", Standing.TROUBLED: "warn", Standing.WELL: "good"}
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
    "queued": _("Queued"),
    "held": _("1C holds an earlier month"),
    "empty": _("Nothing to send"),
    "outside": _("Outside employment"),
    "not_planned": _("Position not planned"),
    "without_id": _("Without an id of 1C"),
    "calls": _("Calls"),
    "problems": _("Problems"),
    "norms": _("Norms"),
    "differences": _("Norms other than ours"),
    "written": _("Written"),
    "balances": _("Balances of leave"),
    "people": _("People"),
    "at_work": _("At work here"),
    "asked": _("Asked for"),
    "received": _("Received"),
    "employees": _("Employees"),
    "departments": _("Departments"),
    "positions": _("Positions"),
    "groups": _("Groups"),
    "agents": _("Agents"),
    "groups_linked": _("Groups linked"),
    "agents_linked": _("Agents linked"),
    "queues_created": _("Queues created"),
    "intervals": _("Intervals written"),
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


@register.filter
def standing_badge(standing: str) -> str:
    """Give the colour of a connection's state."""
    return STANDINGS.get(Standing(standing), "")


@register.filter
def secret_name(name: str) -> str:
    return str(SECRETS.get(name, name))


@register.filter
def is_old(credential: Credential) -> bool:
    """Tell whether a credential was set more than 30 days ago."""
    return clock.now() - credential.set_at > OLD


@register.filter
def when(schedule: RunSchedule) -> str:
    """Say when a schedule is due: `every month: last Saturday, 01:30`; the zone stands beside it."""
    at = f"{schedule.at:%H:%M}"
    facts = {"weekday": schedule.get_weekday_display(), "nth": schedule.get_nth_display(), "at": at}
    if schedule.recurrence == Recurrence.MONTHLY:
        return gettext("every month: %(nth)s %(weekday)s, %(at)s") % facts
    if schedule.recurrence == Recurrence.WEEKLY:
        return gettext("every week: %(weekday)s, %(at)s") % facts
    return gettext("every day, %(at)s") % facts


@register.filter
def event_label(name: str) -> str:
    """Name an event of webhooks."""
    return str(_("A test") if name == TEST_EVENT else WEBHOOK_EVENTS.get(name, name))
