"""The days a page shows, as its address says them: `?from=2026-11-02&days=7`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.web.converters import in_reach
from apps.core.web.numbers import read_number
from apps.core.zones import midnight

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest

ZOOMS = (1, 7, 14, 28)
MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class DaySpan:
    """`days` whole local days from `first`."""

    first: dt.date
    days: int

    @property
    def end(self) -> dt.date:
        """The day after the last."""
        return self.first + dt.timedelta(days=self.days)

    @property
    def last(self) -> dt.date:
        return self.end - dt.timedelta(days=1)

    @property
    def previous(self) -> dt.date:
        return self.first - dt.timedelta(days=self.days)

    def instants(self, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
        """Give the midnights of `zone` that bound the span, as UTC: a day may have 23 hours."""
        return midnight(self.first, zone.key), midnight(self.end, zone.key)


def read_span(request: HttpRequest, *, first: dt.date, days: int = 7) -> DaySpan:
    """Read the span from the address; `first` and `days` stand in for what it does not say.

    Raises `DomainError` naming the part that is not valid.
    """
    chosen = read_day(request.GET.get("from", ""), first)
    wanted = request.GET.get("days", "")
    count = read_number(wanted) if wanted else days
    if not 1 <= count <= MOST_DAYS:
        raise DomainError(_("days must be a number from 1 to %(most)s.") % {"most": MOST_DAYS})
    return DaySpan(chosen, count)


def read_day(text: str, otherwise: dt.date) -> dt.date:
    """Read an ISO day; nothing gives `otherwise`. Raises `DomainError` if it is no day of this age."""
    if not text:
        return otherwise
    try:
        return in_reach(dt.date.fromisoformat(text))
    except ValueError as error:
        raise DomainError(_("%(text)s is not a date.") % {"text": text[:40]}) from error
