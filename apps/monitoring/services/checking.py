"""Which rows of a delivery cannot be taken, and why; the others are taken."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.monitoring.services.clocks import FARTHEST, TOLERANCE
from apps.monitoring.services.naming import LONGEST_ID
from apps.monitoring.types import Problem

OLDEST = dt.timedelta(days=800)
LONGEST_SPAN = dt.timedelta(days=31)


def id_fault(subject: str, **ids: str) -> Problem | None:
    """Refuse an id that is empty or longer than any centre's."""
    for name, value in ids.items():
        if not value or len(value) > LONGEST_ID:
            reason = Phrase(_("It is empty or longer than %(most)d characters."), {"most": LONGEST_ID})
            return Problem(subject[:LONGEST_ID], name, reason)
    return None


def time_fault(subject: str, name: str, told: dt.datetime, received_at: dt.datetime) -> Problem | None:
    """Refuse a time that no clock that is merely off would tell."""
    if told > received_at + FARTHEST:
        return Problem(subject, name, Phrase(_("It is more than a day in the future.")))
    if told < received_at - OLDEST:
        return Problem(subject, name, Phrase(_("It is more than %(days)d days ago."), {"days": OLDEST.days}))
    return None


def span_fault(
    subject: str, start: dt.datetime, end: dt.datetime | None, received_at: dt.datetime
) -> Problem | None:
    """Refuse a span that ends before it begins, ends in the future or lasts longer than a month."""
    fault = time_fault(subject, "start", start, received_at)
    if fault is not None or end is None:
        return fault
    if end < start:
        return Problem(subject, "end", Phrase(_("It ends before it begins.")))
    if end > received_at + TOLERANCE:
        reason = Phrase(_("It ends in the future: the clock of the other system may be wrong."))
        return Problem(subject, "end", reason)
    if end - start > LONGEST_SPAN:
        reason = Phrase(_("It lasts longer than %(days)d days."), {"days": LONGEST_SPAN.days})
        return Problem(subject, "end", reason)
    return None
