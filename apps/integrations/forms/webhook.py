"""What a person fills in to set up a webhook."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import WEBHOOK_EVENTS
from apps.integrations.services.webhooks.addresses import LONGEST
from apps.integrations.services.webhooks.endpoints import LONGEST_NAME


class WebhookForm(forms.Form):
    """Name, address and events; the service checks the address."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/hook"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(name, f"{name}") for name in WEBHOOK_EVENTS],
        widget=forms.CheckboxSelectMultiple,
    )


class MissedForm(forms.Form):
    """From which day on events are sent that were not."""

    since = forms.DateField(
        label=_("Since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
