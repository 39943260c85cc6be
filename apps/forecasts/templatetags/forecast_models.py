"""What pages say of forecasts: names of models, why a version is outdated."""

from __future__ import annotations

from django import template

from apps.forecasts.choices import model_phrase

register = template.Library()


@register.filter
def model_name(model: str) -> str:
    """Give the name of a model; one without a name keeps its code."""
    return str(model_phrase(model))


@register.filter
def reasons(stale: dict[int, list[str]], version_id: int) -> list[str]:
    """Give why a version is outdated."""
    return stale.get(version_id, [])
