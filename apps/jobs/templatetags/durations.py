"""How long something took or will take, in words that promise no more than is known."""

from __future__ import annotations

import math

from django import template
from django.utils.translation import gettext as _

register = template.Library()
NOTHING = "–"
STEP_S = 5


@register.filter
def duration(seconds: float | None) -> str:
    """Write 42.3 as `42 s`, 190 as `3 min 10 s`, 7260 as `2 h 1 min`; what is not known is a dash."""
    if seconds is None or not math.isfinite(seconds):
        return NOTHING
    minutes, rest_s = divmod(round(seconds), 60)
    hours, rest_min = divmod(minutes, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest_min}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest_s}
    return _("%(seconds)s s") % {"seconds": rest_s}


@register.filter
def about(seconds: float) -> str:
    """Write an estimate: whole minutes, below that steps of five seconds, never less than it is."""
    minutes = math.ceil(seconds / 60)
    if seconds <= 60 - STEP_S:
        return _("%(seconds)s s") % {"seconds": math.ceil(seconds / STEP_S) * STEP_S}
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}
