"""Times with the clock they stand on: an instant in a zone, and the name of a zone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from apps.core import clock

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()
NOTHING = "–"


def offset_name(instant: dt.datetime) -> str:
    """Give how far the clock of an aware instant is from UTC: `UTC`, `UTC+3`, `UTC−3:30`."""
    offset = instant.utcoffset() or dt.timedelta()
    minutes = int(offset.total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\u2212"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def _zone(zone: ZoneInfo | str | None) -> dt.tzinfo:
    if not zone:
        return dt.UTC
    return ZoneInfo(zone) if isinstance(zone, str) else zone


@register.simple_tag
def moment(value: dt.datetime | None, zone: ZoneInfo | str | None = None) -> SafeString | str:
    """Write an instant on the clock of `zone` (UTC if none is named) with that clock's distance from UTC."""
    if value is None:
        return NOTHING
    local = value.astimezone(_zone(zone))
    text = f"{date_format(local, 'SHORT_DATE_FORMAT')} {date_format(local, 'TIME_FORMAT')}"
    return format_html(
        '<time datetime="{}">{}</time> <span class="zone">{}</span>',
        value.astimezone(dt.UTC).isoformat(),
        text,
        offset_name(local),
    )


@register.filter
def zone_label(zone: ZoneInfo | str | None) -> str:
    """Name a zone for a head of a page or table: `Europe/Moscow (UTC+3)`; the distance is that of now."""
    return _label(_zone(zone), [clock.now()])


def _label(place: dt.tzinfo, moments: list[dt.datetime]) -> str:
    distances = " / ".join(dict.fromkeys(offset_name(moment.astimezone(place)) for moment in moments))
    key = getattr(place, "key", "UTC")
    return key if key == distances else f"{key} ({distances})"


@register.simple_tag
def zone_mark(
    zone: ZoneInfo | str | None = None, start: dt.date | None = None, end: dt.date | None = None
) -> SafeString:
    """Write whose clock the times of a region are on; the region carries `data-zone`.

    The distance from UTC is that of now, or those at the edges of what is shown, days or instants.
    """
    place = _zone(zone)
    moments = [_instant(edge, place) for edge in (start, end) if edge is not None]
    label = _label(place, moments or [clock.now()])
    return format_html('<span class="zone">{}</span>', _("clock of %(zone)s") % {"zone": label})


def _instant(edge: dt.date, place: dt.tzinfo) -> dt.datetime:
    return edge if isinstance(edge, dt.datetime) else dt.datetime.combine(edge, dt.time(), place)
