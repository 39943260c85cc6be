"""What a person fills in to import history."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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
