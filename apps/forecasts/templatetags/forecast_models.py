"""The names of the forecasting models in the reader's language."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()
NAMES = {
    "ensemble": _("mean of the models"),
    "factors": _("day and interval factors"),
    "decomposition": _("seasonal decomposition"),
    "smoothing": _("seasonal smoothing"),
    "week_naive": _("as the week before"),
}


@register.filter
def model_name(model: str) -> str:
    """Give the name of a model; one without a name keeps its code."""
    return str(NAMES.get(model, model))
