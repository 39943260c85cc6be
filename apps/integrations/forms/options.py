"""The options that connections of each system have: what they are called, and what they may be."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import Dialect, System

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    FieldMaker = Callable[[], forms.Field]

PREFIX = "option_"


class LinesField(forms.CharField):
    """A list of texts, separated by commas or lines."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value) or ""
        return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]


class NetworksField(LinesField):
    def clean(self, value: Any) -> list[str]:
        networks = super().clean(value)
        for network in networks:
            try:
                ipaddress.ip_network(network)
            except ValueError:
                message = say("%(network)s is no address or network.") % {"network": network}
                raise ValidationError(message) from None
        return networks


class ZonesField(forms.CharField):
    """A JSON object of time zones by name."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False) if value else ""
        return value

    def clean(self, value: Any) -> dict[str, str]:
        text = super().clean(value)
        try:
            zones = json.loads(text) if text else {}
        except ValueError:
            zones = None
        if not isinstance(zones, dict) or not set(zones.values()) <= available_timezones():
            raise ValidationError(say('Write names and time zones: {"Kazan": "Europe/Moscow"}.'))
        return zones


def _flag(label: Any, *, default: bool = False, help_text: Any = "") -> tuple[FieldMaker, Any]:
    return lambda: forms.BooleanField(label=capfirst(label), required=False, help_text=help_text), default


def _text(label: Any, *, help_text: Any = "") -> tuple[FieldMaker, Any]:
    return lambda: forms.CharField(
        label=capfirst(label), required=False, max_length=300, help_text=help_text
    ), ""


def _number(label: Any, least: int, most: int, default: int, help_text: Any = "") -> tuple[FieldMaker, Any]:
    def make() -> forms.Field:
        return forms.IntegerField(
            label=capfirst(label), required=False, min_value=least, max_value=most, help_text=help_text
        )

    return make, default


def _choice(label: Any, *choices: tuple[str, Any], help_text: Any = "") -> tuple[FieldMaker, Any]:
    return (
        lambda: forms.ChoiceField(
            label=capfirst(label), choices=choices, required=False, help_text=help_text
        ),
        choices[0][0],
    )


def _lines(
    label: Any, default: list[str], *, kind: type[LinesField] = LinesField, help_text: Any = ""
) -> tuple[FieldMaker, Any]:
    return lambda: kind(label=capfirst(label), required=False, help_text=help_text), default


CA_FILE = _text(
    _("file with the issuer's certificate"),
    help_text=_("On the server, in PEM; for certificates of an own issuer. They are always verified."),
)
ONEC = {
    "apply": _choice(_("changes of people"), ("auto", _("applied at once")), ("ask", _("wait for a person"))),
    "vanish_limit_percent": _number(
        _("missing people, per cent"), 0, 100, 10, _("From this share on a person decides.")
    ),
    "match_by": _choice(
        _("people are matched by"),
        ("external_id", _("the id in 1C")),
        ("personnel_number", _("personnel number")),
        ("login", _("login")),
    ),
    "ignore_case": _flag(_("ignore case when matching"), default=True),
    "is_master": _flag(_("its data of people win"), default=True),
    "create_accounts": _flag(_("make accounts for new logins")),
    "default_department": _text(_("department of new people without one")),
    "default_position": _text(_("position of new people without one")),
    "default_site": _text(_("site of new people without one")),
    "site_zones": (
        lambda: ZonesField(label=capfirst(_("time zones of new sites")), required=False),
        {},
    ),
    "send_schedules_on_change": _flag(_("send schedules when they are published or changed")),
    "send_delay_s": _number(_("pause before sending, seconds"), 0, 86_400, 60),
}
GATEWAY = {
    "gateway_overnight": _choice(
        _("shifts over midnight"), ("next_day", _("end on the next day")), ("refuse", _("are not sent"))
    ),
}
CENTRE = {
    "poll_s": _number(_("ask for the present every, seconds"), 0, 3600, 30, _("0: not at all.")),
    "poll": _lines(_("what is asked for"), ["states", "loads"], help_text="states, loads"),
    "push": _flag(_("it pushes statuses to us"), default=True),
    "push_addresses": _lines(
        _("addresses it pushes from"), [], kind=NetworksField, help_text=_("Addresses or networks.")
    ),
    "push_sign_in": _choice(
        _("how it proves itself"),
        ("none", _("by its address only")),
        ("basic", _("by user name and password")),
        ("path", _("by a secret in the path")),
    ),
    "system_id": _text(_("its id in pushed statuses")),
    "create_queues": _flag(_("make queues for unknown groups")),
    "link_by": _choice(
        _("agents are linked by"),
        ("personnel_number", _("personnel number")),
        ("login", _("login")),
        ("none", _("hand only")),
    ),
    "ignore_case": _flag(_("ignore case when linking"), default=True),
    "step_minutes": _number(_("step of its intervals, minutes"), 5, 60, 15),
}
BY_SYSTEM: dict[str, dict[str, tuple[FieldMaker, Any]]] = {
    System.ONEC: ONEC,
    System.CONTACT_CENTRE: CENTRE,
    System.MCE: {**CENTRE, "poll_s": _number(_("ask while the socket is down every, seconds"), 1, 60, 5)},
}


def options_of(system: str, dialect: str) -> Mapping[str, tuple[FieldMaker, Any]]:
    """Give the options of a system by name: how its field is made, and the value when none is given."""
    own = BY_SYSTEM.get(system, {})
    if dialect == Dialect.GATEWAY:
        own = {**own, **GATEWAY}
    return {"ca_file": CA_FILE, **own}
