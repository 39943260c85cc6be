"""How figures look: shares, hours, differences, in the reader's number format."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import get_language

if TYPE_CHECKING:
    from decimal import Decimal

register = template.Library()
NOTHING = "–"
MINUS = "\u2212"


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


@register.filter
def number(value: float | None, digits: int = 0) -> str:
    """Write 12345.6 as `12 346`; what is not known is a dash."""
    if value is None or not _known(value):
        return NOTHING
    return number_format(round(float(value), digits), decimal_pos=digits, force_grouping=True)


@register.filter
def share(value: float | Decimal | None, digits: int = 1) -> str:
    """Write 0.873 as `87.3%`, in Russian `87,3 %`."""
    if value is None:
        return NOTHING
    percent = float(value) * 100
    if not math.isfinite(percent):
        return NOTHING
    gap = "\u00a0" if get_language() == "ru" else ""
    text = number_format(round(percent, digits), decimal_pos=digits).replace("-", MINUS)
    return f"{text}{gap}%"


@register.filter
def hours(seconds: float | None, digits: int = 1) -> str:
    """Write seconds as hours: 27000 is `7.5`."""
    if seconds is None or not _known(seconds):
        return NOTHING
    return number(float(seconds) / 3600, digits)


@register.filter
def signed(value: float | None, digits: int = 0) -> str:
    """Write a difference with its sign, so that colour is never the only mark."""
    if value is None or not _known(value):
        return NOTHING
    rounded = round(float(value), digits)
    if rounded == 0:
        return number_format(0)
    sign = "+" if rounded > 0 else MINUS
    return sign + number(abs(rounded), digits)


@register.filter
def signed_hours(seconds: float | None, digits: int = 0) -> str:
    """Write a difference in seconds as hours with its sign."""
    return NOTHING if seconds is None else signed(seconds / 3600, digits)


@register.filter
def minus(value: float | None, other: float | None) -> float | None:
    """Subtract; what is not known stays so."""
    return None if value is None or other is None else value - other


@register.filter
def minutes_clock(minutes: int) -> str:
    """Write minutes of a day as `09:30`; past midnight the clock begins anew."""
    whole = int(minutes) % 1440
    return f"{whole // 60:02d}:{whole % 60:02d}"
