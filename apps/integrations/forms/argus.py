"""What a person fills in to import a table of Argus: the file, and where it goes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.organization.models import Queue
from apps.schedules.choices import VariantState
from apps.schedules.models import ScheduleVariant


class ArgusFileForm(forms.Form):
    """A file; a dry run checks it and loads nothing."""

    file = forms.FileField(
        label=_("File"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.json,.gz,.txt"})
    )
    dry_run = forms.BooleanField(label=_("Only check, load nothing"), required=False, initial=True)

    def target(self) -> dict[str, Any]:
        """Give where the table goes, as the import wants it."""
        return {}


class IntervalsForm(ArgusFileForm):
    queue = forms.ModelChoiceField(label=_("Queue"), queryset=Queue.objects.all())
    field_order = ["queue", "file", "dry_run"]

    def target(self) -> dict[str, Any]:
        return {"queue_id": self.cleaned_data["queue"].pk}


class OperatorsForm(IntervalsForm):
    """24 rows, for each of the days from the first to the last."""

    first_day = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ["queue", "first_day", "last_day", "file", "dry_run"]

    def target(self) -> dict[str, Any]:
        days = {name: self.cleaned_data[name].isoformat() for name in ("first_day", "last_day")}
        return super().target() | days


class SchedulesForm(ArgusFileForm):
    variant = forms.ModelChoiceField(
        label=_("Draft"),
        queryset=ScheduleVariant.objects.filter(state=VariantState.DRAFT)
        .select_related("group")
        .order_by("-month", "group__name", "-number"),
    )
    field_order = ["variant", "file", "dry_run"]

    def target(self) -> dict[str, Any]:
        return {"variant_id": self.cleaned_data["variant"].pk}
