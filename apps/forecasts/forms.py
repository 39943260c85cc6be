"""What a person fills in to have a forecast made."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_DAYS = 366


class ForecastSpanForm(forms.Form):
    """The first and the last local day of the forecast."""

    first = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last:
            if last < first:
                raise ValidationError(_("The last day is before the first."))
            if (last - first).days >= MAX_DAYS:
                raise ValidationError(_("A forecast spans %(days)d days at most.") % {"days": MAX_DAYS})
        return values
