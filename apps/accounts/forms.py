"""Forms of the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import Area
from apps.accounts.models import ApiKey
from apps.accounts.policies import SCOPES
from apps.accounts.services.api_keys import check_key
from apps.core.errors import DomainError

ACTIONS = {"read": _("read"), "write": _("write")}


def scope_choices() -> list[tuple[str, str]]:
    """Give every scope of an area with words for it."""
    parts = {scope: scope.split(":") for scope in SCOPES}
    return [(scope, f"{Area(area).label}: {ACTIONS[action]}") for scope, (area, action) in parts.items()]


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """What an administrator says of a new key."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=scope_choices, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        """Ask the service, so that its refusal stands at its field and what was written stays."""
        told = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_key(told["name"].strip(), told["scopes"], told["expires_at"])
            except DomainError as refusal:
                for name, messages in refusal.fields.items():
                    self.add_error(name, messages)
        return told

    class Meta:
        model = ApiKey
        fields: Any = ["name", "scopes", "expires_at"]
