"""How changes of people are written on pages and in files."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.integrations.choices import ChangeOutcome, PersonAction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

register = template.Library()
FIELDS = {
    "personnel_number": gettext_lazy("Personnel number"),
    "external_id": gettext_lazy("External id"),
    "last_name": gettext_lazy("Last name"),
    "first_name": gettext_lazy("First name"),
    "middle_name": gettext_lazy("Patronymic"),
    "hired_on": gettext_lazy("Hired on"),
    "dismissed_on": gettext_lazy("Last working day"),
    "department": gettext_lazy("Department"),
    "position": gettext_lazy("Position"),
    "site": gettext_lazy("Site"),
    "time_zone": gettext_lazy("Time zone"),
    "rate": gettext_lazy("Rate"),
    "weekly_norm": gettext_lazy("Weekly norm, h"),
    "login": gettext_lazy("Account"),
    "terms_from": gettext_lazy("Terms hold from"),
    "name": gettext_lazy("Name"),
    "parent": gettext_lazy("Lies below"),
}
ACTIONS = {
    PersonAction.CREATE: "good",
    PersonAction.UPDATE: "accent",
    PersonAction.DISMISS: "bad",
    PersonAction.BALANCE: "",
}
OUTCOMES = {
    ChangeOutcome.WAITING: "warn",
    ChangeOutcome.APPLIED: "good",
    ChangeOutcome.REFUSED: "bad",
    ChangeOutcome.DECLINED: "",
}
KINDS = {
    "department": gettext_lazy("Department"),
    "position": gettext_lazy("Position"),
    "site": gettext_lazy("Site"),
}
Told = tuple[str, str, str]


@register.filter
def told_fields(fields: Mapping[str, Sequence[str]]) -> list[Told]:
    """Give fields as (name, old, new), dates as the reader writes them."""
    order = {name: place for place, name in enumerate(FIELDS)}
    names = sorted(fields, key=lambda name: (order.get(name, len(order)), name))
    return [(field_name(name), _text(fields[name][0]), _text(fields[name][1])) for name in names]


@register.filter
def action_badge(action: str) -> str:
    return ACTIONS.get(PersonAction(action), "")


@register.filter
def outcome_badge(outcome: str) -> str:
    return OUTCOMES.get(ChangeOutcome(outcome), "")


@register.filter
def structure_kind(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def field_name(name: str) -> str:
    """Name a field in the reader's language; a balance is named with its day."""
    word, _space, day = name.partition(" ")
    if day:
        return _("Balance of leave on %(day)s") % {"day": _text(day)}
    return str(FIELDS.get(word, word))


def _text(value: str) -> str:
    """Give a value; a date (or several) as the reader writes dates."""
    parts = [_day(part) for part in value.split(" ")]
    if parts and all(part is not None for part in parts):
        return ", ".join(date_format(part, "SHORT_DATE_FORMAT") for part in parts if part is not None)
    return value


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if len(text) == len("2026-11-20") else None
    except ValueError:
        return None
