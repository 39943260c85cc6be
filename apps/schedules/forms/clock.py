"""Times of day as people type them, and as instants on somebody's clock."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from apps.schedules.types.selection import SelectedShift

CLOCK = re.compile(r"(\d{1,2})(?:[:.\s-]?(\d{2}))?", re.ASCII)
DAY_MINUTES = 1440
GRID_MINUTES = 5
ONE_DAY = dt.timedelta(days=1)


class ClockField(forms.CharField):
    """A time of day, minutes from midnight: `9`, `9:30`, `09.30`, `0930`, `24:00`; five-minute steps."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "5", "data-clock": ""}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "").strip()
        if not text:
            return None
        found = CLOCK.fullmatch(text)
        if found is None:
            raise ValidationError(_("Write a time as 09:30."), code="clock")
        minutes = int(found[1]) * 60 + int(found[2] or 0)
        if minutes > DAY_MINUTES or int(found[2] or 0) >= 60 or minutes % GRID_MINUTES:  # noqa: PLR2004 - of an hour
            raise ValidationError(
                _("Write a time between 00:00 and 24:00 in steps of five minutes."), code="clock"
            )
        return minutes


def clock_text(moment: dt.datetime) -> str:
    return f"{moment:%H:%M}"


def instant(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    """Give the instant of a time on a day's clock. Raises `ValidationError` where the clock skips it."""
    try:
        naive = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
        found = naive.replace(tzinfo=zone).astimezone(dt.UTC)
    except OverflowError as error:
        raise ValidationError(_("This day is too far away."), code="far") from error
    if found.astimezone(zone).replace(tzinfo=None) != naive:
        raise ValidationError(
            _("The clock of %(zone)s skips this time.") % {"zone": zone.key}, code="skipped"
        )
    return found


def span(day: dt.date, start: int, end: int, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Give the instants of a span that begins on `day`; an end not after the start is of the next day."""
    return instant(day, start, zone), instant(day if end > start else day + ONE_DAY, end, zone)


def kept(found: dt.datetime, before: dt.datetime) -> dt.datetime:
    """Give what was before where the clock shows the same: of an hour that comes twice, the one it was."""
    local = found.astimezone(before.tzinfo)
    return before if local.replace(tzinfo=None) == before.replace(tzinfo=None) else found


def inside(shift: SelectedShift, minutes: int, zone: ZoneInfo) -> dt.datetime:
    """Give the first instant from the shift's start on at which its clock shows this time."""
    found = instant(shift.start.date(), minutes, zone)
    return found if found >= shift.start else instant(shift.start.date() + ONE_DAY, minutes, zone)
