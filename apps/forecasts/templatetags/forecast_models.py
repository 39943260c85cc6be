"""The names of the forecasting models in the reader's language."""

from __future__ import annotations

from django import template

from apps.forecasts.choices import model_phrase

register = template.Library()


@register.filter
def model_name(model: str) -> str:
    """Give the name of a model; one without a name keeps its code."""
    return str(model_phrase(model))
