"""An outlier in words: what is usual, by which neighbours, and how far off the value is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    import datetime as dt

    from apps.demand.types import Outlier

_FEW = 10
_OUTER = 2


def explain(outlier: Outlier) -> str:
    """Say what the value is, what is usual and ordinary there, and how far beyond which fence it lies."""
    low, high = outlier.low, outlier.high
    if outlier.severity >= _OUTER:
        low, high = outlier.outer_low, outlier.outer_high
    fence = high if outlier.is_high else low
    words = {
        "actual": _text(outlier.actual),
        "expected": _text(outlier.expected),
        "count": outlier.neighbours,
        "weekday": _weekday(outlier.day),
        "low": _text(outlier.low),
        "high": _text(outlier.high),
        "beyond": _text(abs(outlier.actual - fence)),
        "fence": _text(fence),
    }
    told = [
        _("Contacts: %(actual)s; usual: %(expected)s (median of %(count)d %(weekday)s within five weeks).")
        % words,
        _("Ordinary: %(low)s–%(high)s.") % words,
    ]
    if outlier.is_high:
        told.append(_("It lies %(beyond)s above the fence at %(fence)s.") % words)
    else:
        told.append(_("It lies %(beyond)s below the fence at %(fence)s.") % words)
    if outlier.expected:
        times = number_format(round(outlier.actual / outlier.expected, 2), decimal_pos=2)
        told.append(_("That is %(times)s times the usual.") % {"times": times})
    if outlier.special:
        told.append(_("The day is special: %(name)s.") % {"name": outlier.special})
    return " ".join(told)


def _weekday(day: dt.date) -> str:
    return (
        _("Mondays"),
        _("Tuesdays"),
        _("Wednesdays"),
        _("Thursdays"),
        _("Fridays"),
        _("Saturdays"),
        _("Sundays"),
    )[day.weekday()]


def _text(value: float) -> str:
    digits = 0 if value >= _FEW or value == round(value) else 1
    return number_format(round(value, digits), decimal_pos=digits, force_grouping=True)
