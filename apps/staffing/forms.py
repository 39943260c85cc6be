"""Forms of the admin: what the database could only refuse with an error is told on the field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from apps.staffing.models import CoefficientSpan, StaffingTarget


class _SpanForm(forms.ModelForm[Any]):
    """A form whose second field may not lie before the first: a range of the database must be in order."""

    begin, end = "", ""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get(self.begin), values.get(self.end)
        if first and last and self.is_disordered(first, last):
            self.add_error(self.end, _("It ends before it begins."))
        return values

    def is_disordered(self, first: Any, last: Any) -> bool:
        return bool(last < first)


class TargetForm(_SpanForm):
    begin, end = "valid_from", "valid_to"

    class Meta:
        model = StaffingTarget
        fields = "__all__"  # noqa: DJ007 - the admin lays the fields out


class CoefficientForm(_SpanForm):
    begin, end = "start", "end"

    class Meta:
        model = CoefficientSpan
        fields = "__all__"  # noqa: DJ007 - the admin lays the fields out

    def is_disordered(self, first: Any, last: Any) -> bool:
        return bool(last <= first)
