"""How the requirement stands to a forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from apps.accounts.models import User
from apps.accounts.policies import Capability, may
from apps.forecasts.selectors import staleness
from apps.staffing.selectors import requirement_over

if TYPE_CHECKING:
    from django.template import Context

    from apps.forecasts.models import ForecastVersion

register = template.Library()


@register.inclusion_tag("staffing/requirement_state.html", takes_context=True)
def requirement_state(context: Context, version: ForecastVersion) -> dict[str, Any]:
    """Say whether the active requirement of a forecast's days was derived from it, and offer to do it."""
    user: Any = context.get("user")
    requirement = requirement_over(version.queue_id, version.start, version.end)
    is_of_this = requirement is not None and requirement.forecast_id == version.pk
    return {
        "version": version,
        "requirement": requirement,
        "is_of_this": is_of_this,
        "reasons": staleness([version])[version.pk] if is_of_this else [],
        "may_derive": isinstance(user, User) and may(user, Capability.DERIVE_REQUIREMENT),
        "csrf_token": context.get("csrf_token"),
    }
