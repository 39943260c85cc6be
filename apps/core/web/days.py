"""Which days a form or a body may name, and the field that asks for one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1990, 2100
OUT_OF_REACH = _("It lies outside the years 1990 to 2100.")
REACH = (
    MinValueValidator(dt.date(FIRST_YEAR, 1, 1), OUT_OF_REACH),
    MaxValueValidator(dt.date(LAST_YEAR, 12, 31), OUT_OF_REACH),
)


def day_field(label: Any, **facts: Any) -> forms.DateField:
    """Make a field for a day that browsers show as a calendar; other ages are refused."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, validators=REACH, **facts)
