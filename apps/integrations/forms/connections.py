"""The form of a connection: settings, options of its system, and secrets that are only ever written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.integrations.choices import Authentication, Dialect, Recurrence, System
from apps.integrations.forms.options import PREFIX, options_of
from apps.integrations.models import Connection, RunSchedule
from apps.integrations.registry import purposes_of
from apps.integrations.services.access import LONGEST_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "secret_"  # noqa: S105 - a prefix
TAKE_AWAY = "take_away_"
DUE_DAYS = 30
SECRETS_OF: dict[str, dict[str, Any]] = {
    System.ONEC: {"password": gettext_lazy("password")},
    System.CONTACT_CENTRE: {
        "password": gettext_lazy("password"),
        "token": gettext_lazy("secret of its path"),
        "secret": gettext_lazy("password it pushes with"),
    },
    System.MCE: {"password": gettext_lazy("password")},
    System.ARGUS: {"password": gettext_lazy("password")},
    System.WEBHOOK: {"secret": gettext_lazy("secret"), "old_secret": gettext_lazy("earlier secret")},
}
DIALECTS_OF: dict[str, tuple[str, ...]] = {System.ONEC: (Dialect.ZUP, Dialect.GATEWAY)}
PLAIN = [
    "name",
    "code",
    "system",
    "dialect",
    "base_url",
    "time_zone",
    "authentication",
    "username",
    "timeout_s",
    "max_answer_bytes",
    "max_parallel",
    "is_active",
]


class ConnectionForm(forms.ModelForm[Connection]):
    class Meta:
        model = Connection
        fields = PLAIN

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["base_url"].required = False
        if self.instance.pk:
            self._fill_options()
            self._tell_of_secrets()

    def _fill_options(self) -> None:
        options = options_of(self.instance.system, self.instance.dialect)
        for name, (_make, default) in options.items():
            if PREFIX + name in self.fields:
                self.initial[PREFIX + name] = self.instance.options.get(name, default)

    def _tell_of_secrets(self) -> None:
        held = dict(self.instance.credentials.values_list("name", "set_at"))
        for name in SECRETS_OF.get(self.instance.system, {}):
            field = self.fields.get(SECRET + name)
            if field is None:
                continue
            if name not in held:
                field.help_text = _("None is set.")
                self.fields.pop(TAKE_AWAY + name, None)
                continue
            days = (clock.now() - held[name]).days
            told = {"date": date_format(held[name], "SHORT_DATE_FORMAT"), "days": days}
            words = _("Set on %(date)s (%(days)d days ago). Leave empty to keep it.") % told
            overdue = " " + _("It is time to change it.") if days > DUE_DAYS else ""
            field.help_text = words + overdue

    def clean_base_url(self) -> str:
        address = str(self.cleaned_data["base_url"]).strip()
        parts = _parts(address)
        if not address:
            return address
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValidationError(_("An address begins with http:// or https:// and names a host."))
        if parts.username or parts.password:
            raise ValidationError(_("User name and password have fields of their own."))
        if parts.query or parts.fragment:
            raise ValidationError(_("The address ends before “?” and “#”."))
        return address

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        if zone not in available_timezones():
            raise ValidationError(_("There is no time zone %(zone)s.") % {"zone": zone})
        return zone

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        system = data.get("system") or self.instance.system
        dialects = DIALECTS_OF.get(system, (Dialect.STANDARD,))
        if data.get("dialect") not in dialects and "dialect" not in self.errors:
            names = ", ".join(str(Dialect(one).label) for one in dialects)
            self.add_error("dialect", _("This system speaks: %(dialects)s.") % {"dialects": names})
        if not data.get("base_url") and "base_url" not in self.errors and system != System.ARGUS:
            self.add_error("base_url", _("Give the address of the system."))
        if data.get("authentication") == Authentication.BASIC:
            self._check_sign_in(data, system)
        self.instance.options = self._options(data)
        return data

    def _check_sign_in(self, data: dict[str, Any], system: str) -> None:
        username = data.get("username") or ""
        if not username and system not in {System.ARGUS, System.WEBHOOK}:
            self.add_error("username", _("The sign-in needs a user name."))
        elif ":" in username:
            self.add_error("username", _("A user name for this sign-in has no colon."))

    def _options(self, data: dict[str, Any]) -> dict[str, Any]:
        """Give what was chosen; what is as usual is left out, what is not known to the form stays."""
        options = dict(self.instance.options)
        for name, (_make, default) in options_of(self.instance.system, self.instance.dialect).items():
            if PREFIX + name not in self.fields or PREFIX + name in self.errors:
                continue
            value = data.get(PREFIX + name)
            if value in (None, "") or value == default:
                options.pop(name, None)
            else:
                options[name] = value
        return options

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Give the secrets that were typed, and an empty text for those that are to be taken away."""
        for name in SECRETS_OF.get(self.instance.system, {}):
            if value := self.cleaned_data.get(SECRET + name):
                yield name, value
            elif self.cleaned_data.get(TAKE_AWAY + name):
                yield name, ""


def _parts(address: str) -> Any:
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return None
    return parts if address.isprintable() and " " not in address else None


def form_of(system: str, dialect: str) -> type[ConnectionForm]:
    """Give the form for connections of a system, with fields for its options and secrets."""
    fields: dict[str, Any] = {}
    for name, (make, _default) in options_of(system, dialect).items():
        fields[PREFIX + name] = make()
    for name, label in SECRETS_OF.get(system, {}).items():
        fields[SECRET + name] = forms.CharField(
            label=capfirst(label),
            required=False,
            max_length=LONGEST_SECRET,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        )
        fields[TAKE_AWAY + name] = forms.BooleanField(
            label=capfirst(gettext_lazy("take it away")), required=False
        )
    return type("ConnectionForm", (ConnectionForm,), fields)


class RunScheduleForm(forms.ModelForm[RunSchedule]):
    """A schedule of runs: its days have to fit how it repeats."""

    class Meta:
        model = RunSchedule
        fields = ["purpose", "recurrence", "weekday", "nth", "at", "time_zone", "options", "is_enabled"]
        widgets = {"options": forms.TextInput()}

    system = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(name, purpose.label) for name, purpose in purposes_of(self.system).items()]
        if self.instance.purpose and self.instance.purpose not in dict(known):
            known.append((self.instance.purpose, self.instance.purpose))
        self.fields["purpose"] = forms.ChoiceField(choices=known, label=_("purpose"))

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        if zone not in available_timezones():
            raise ValidationError(_("There is no time zone %(zone)s.") % {"zone": zone})
        return zone

    def clean_options(self) -> Any:
        options = self.cleaned_data["options"] or {}
        if not isinstance(options, dict):
            raise ValidationError(_('Options are written as {"days": 2}.'))
        return options

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        recurrence = data.get("recurrence")
        if recurrence == Recurrence.DAILY:
            data["weekday"] = data["nth"] = None
        elif recurrence == Recurrence.WEEKLY:
            data["nth"] = None
        if recurrence in {Recurrence.WEEKLY, Recurrence.MONTHLY} and data.get("weekday") is None:
            self.add_error("weekday", _("Choose the weekday."))
        if recurrence == Recurrence.MONTHLY and data.get("nth") is None:
            self.add_error("nth", _("Choose which of the month."))
        return data
