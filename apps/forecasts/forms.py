"""What a person fills in to have a forecast made."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.web.days import day_field
from apps.demand.forms import MomentsForm
from apps.forecasts.choices import Measure, Operation
from apps.forecasts.types import Adjustment

MAX_DAYS = 366


class ForecastSpanForm(forms.Form):
    """The first and the last local day of the forecast."""

    first = day_field(gettext_lazy("First day"))
    last = day_field(gettext_lazy("Last day"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last:
            if last < first:
                raise ValidationError(_("The last day is before the first."))
            if (last - first).days >= MAX_DAYS:
                raise ValidationError(_("A forecast spans %(days)d days at most.") % {"days": MAX_DAYS})
        return values


class AdjustmentForm(MomentsForm):
    """A growth factor or an override: over which span, of what, by how much."""

    measure = forms.ChoiceField(label=gettext_lazy("What"), choices=Measure.choices)
    operation = forms.ChoiceField(label=gettext_lazy("How"), choices=Operation.choices)
    value = forms.FloatField(label=gettext_lazy("By or to"), localize=True)

    def adjustment(self, zone: str) -> Adjustment:
        """Give the change that was filled in, over instants of `zone`."""
        span, sent = self.instants(zone), self.cleaned_data
        return Adjustment(span.start, span.end, sent["measure"], sent["operation"], sent["value"])


class NewAdjustmentForm(AdjustmentForm):
    """A change to be kept as a new version, and why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    activate = forms.BooleanField(label=gettext_lazy("Plan from it at once"), required=False)


class OptionalReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)
