"""What a person fills in to import history, to correct it, and to tell of special days."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core import zones
from apps.core.web.days import day_field
from apps.demand.choices import CorrectionAction, SpecialDayKind
from apps.demand.models.special_days import DAY_MINUTES
from apps.demand.types import InstantSpan, SpecialDayFacts
from apps.organization.models import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.core.errors import DomainError


class HistoryFileForm(forms.Form):
    """A file of interval history; a dry run checks it and loads nothing."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel (.xlsx), CSV or JSON: interval start, contacts, and what else the contact centre counts."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.json,.gz,.txt"}),
    )
    source = forms.CharField(label=_("Source"), max_length=300, required=False)
    dry_run = forms.BooleanField(label=_("Only check, load nothing"), required=False, initial=True)


def time_field(label: Any, **facts: Any) -> forms.TimeField:
    """Make a field for a time of day; an empty one stands for midnight."""
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        **facts,
    )


class MomentsForm(forms.Form):
    """From a time of a local day up to a time of another; without times whole days, the last one included."""

    first_day = day_field(_("First day"))
    from_time = time_field(_("from"))
    last_day = day_field(_("Last day"))
    to_time = time_field(_("to"))

    def instants(self, zone: str) -> InstantSpan:
        """Give the span of the filled form as instants of `zone`."""
        sent = self.cleaned_data
        start = dt.datetime.combine(sent["first_day"], sent["from_time"] or dt.time())
        last = sent["last_day"] if sent["to_time"] else sent["last_day"] + dt.timedelta(days=1)
        end = dt.datetime.combine(last, sent["to_time"] or dt.time())
        found = zones.resolve(np.array([start, end], dtype="datetime64[s]"), zone)
        return InstantSpan(zones.to_datetime(found.utc[0]), zones.to_datetime(found.utc[1]))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first_day"), values.get("last_day")
        if first and last:
            begin = dt.datetime.combine(first, values.get("from_time") or dt.time())
            end = dt.datetime.combine(last, values.get("to_time") or dt.time())
            if not values.get("to_time"):
                end += dt.timedelta(days=1)
            if end <= begin:
                self.add_error("last_day", _("It ends before it begins."))
        return values

    def lay(self, error: DomainError, names: Mapping[str, str]) -> None:
        """Put what a service refused on the field that `names` gives for the last part of its name."""
        placed = False
        for field, reasons in error.fields.items():
            name = names.get(field.rsplit(".", 1)[-1], field.rsplit(".", 1)[-1])
            if name in self.fields:
                self.add_error(name, reasons)
                placed = True
        if not placed:
            self.add_error(None, error.message)


class CorrectionForm(MomentsForm):
    """What to do with the chosen outliers, or with a span that is named by hand; and why."""

    action = forms.ChoiceField(
        label=_("What to do"),
        choices=[
            (CorrectionAction.EXCLUDE, _("Leave out")),
            (CorrectionAction.EXPECTED, _("Replace by the usual value (median)")),
            (CorrectionAction.AVERAGE, _("Replace by the average")),
            (CorrectionAction.VALUE, _("Replace by a given value")),
            (CorrectionAction.RESTORE, _("Accept as recorded")),
        ],
    )
    value = forms.FloatField(label=_("Contacts of each interval"), required=False, min_value=0)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *arguments: Any, **facts: Any) -> None:
        super().__init__(*arguments, **facts)
        self.fields["first_day"].required = self.fields["last_day"].required = False
        self.fields["span"] = _SpansField(required=False)

    def spans(self, zone: str) -> list[InstantSpan]:
        """Give the ticked spans and the one named by hand."""
        named = [self.instants(zone)] if self.cleaned_data.get("first_day") else []
        return [*self.cleaned_data["span"], *named]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if bool(values.get("first_day")) != bool(values.get("last_day")):
            missing = "last_day" if values.get("first_day") else "first_day"
            self.add_error(missing, _("Give both days, or none."))
        return values


class _SpansField(forms.Field):
    """Ticked spans, each `<instant>/<instant>` in ISO 8601."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[InstantSpan]:
        spans = []
        for text in value or []:
            try:
                start, end = (dt.datetime.fromisoformat(part) for part in str(text)[:80].split("/"))
            except ValueError as error:
                raise forms.ValidationError(_("This is not a span.")) from error
            if start.tzinfo is None or end.tzinfo is None:
                raise forms.ValidationError(_("This is not a span."))
            spans.append(InstantSpan(start, end))
        return spans


class SpecialDayForm(forms.Form):
    """A special day or an event: when, for whom, and what it multiplies the contacts by."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=SpecialDayKind.choices)
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    from_time = time_field(_("from"), help_text=_("Empty = the whole day."))
    to_time = time_field(_("to"))
    coefficient = forms.DecimalField(
        label=_("Coefficient"),
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=3,
        help_text=_("1 = as an ordinary day; 1.25 = a quarter more contacts; 0 = none."),
    )
    queue = forms.ModelChoiceField(
        label=_("Queue"), queryset=Queue.objects.all(), required=False, empty_label=_("All queues")
    )
    calendar_code = forms.SlugField(
        label=_("Only queues of the calendar"), max_length=20, required=False, help_text=_("Empty = any.")
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def facts(self) -> SpecialDayFacts:
        """Give what was filled in."""
        sent = self.cleaned_data
        return SpecialDayFacts(
            name=sent["name"].strip(),
            kind=sent["kind"],
            first_day=sent["first_day"],
            last_day=sent["last_day"],
            from_minute=_minute(sent["from_time"], 0),
            to_minute=_minute(sent["to_time"], DAY_MINUTES),
            coefficient=sent["coefficient"],
            queue=sent["queue"],
            calendar_code=sent["calendar_code"],
            note=sent["note"],
        )


def _minute(moment: dt.time | None, otherwise: int) -> int:
    return otherwise if moment is None else moment.hour * 60 + moment.minute


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)
