"""The hours of a shift as 1C counts them: its paid time by day and by night, all on the day it starts.

Night is 22:00 to 06:00 on the clock of the person's site (article 96 of the labour code). What elapsed is
paid: in the night in which the clock goes back there is an hour more of it, in the other one an hour less.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    Stretch = tuple[dt.datetime, dt.datetime]

NIGHT_BEGINS, NIGHT_ENDS = dt.timedelta(hours=22), dt.timedelta(hours=6)
DAY = dt.timedelta(days=1)
MILLISECOND = dt.timedelta(milliseconds=1)
NOTHING = dt.timedelta(0)


@dataclass(frozen=True)
class Hours:
    """Paid milliseconds by day and by night."""

    day_ms: int = 0
    night_ms: int = 0

    def __add__(self, other: Hours) -> Hours:
        return Hours(self.day_ms + other.day_ms, self.night_ms + other.night_ms)

    @property
    def total_ms(self) -> int:
        return self.day_ms + self.night_ms


def split_shift(start: dt.datetime, end: dt.datetime, unpaid: Iterable[Stretch], zone: ZoneInfo) -> Hours:
    """Give the hours of a shift between two instants; `unpaid` are its parts that are not paid.

    Unpaid parts may lie in any order, overlap each other and reach beyond the shift. Whole milliseconds: what
    is shorter is dropped from the sum, the rest of it is day.
    """
    paid = list(without(start, end, unpaid))
    total = sum((last - first for first, last in paid), NOTHING)
    night = sum((_night(first, last, zone) for first, last in paid), NOTHING)
    night_ms = night // MILLISECOND
    return Hours(total // MILLISECOND - night_ms, night_ms)


def without(start: dt.datetime, end: dt.datetime, gaps: Iterable[Stretch]) -> Iterator[Stretch]:
    """Give what is left of a stretch without the gaps, in order, in UTC."""
    at, last = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    known = ((left.astimezone(dt.UTC), right.astimezone(dt.UTC)) for left, right in gaps)
    for gap_start, gap_end in sorted(gap for gap in known if gap[0] < gap[1]):
        if gap_start > at:
            yield at, min(gap_start, last)
        at = max(at, gap_end)
        if at >= last:
            return
    if at < last:
        yield at, last


def _night(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    """Give how much of a stretch (UTC) is night; each part is counted by the offset that holds in it."""
    return sum(
        (
            _night_by_clock(_clock(left, offset), _clock(right, offset))
            for left, right, offset in _steady(start, end, zone)
        ),
        NOTHING,
    )


def _clock(moment: dt.datetime, offset: dt.timedelta) -> dt.datetime:
    return moment.replace(tzinfo=None) + offset


def _night_by_clock(start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Give the night between two readings of a clock that runs evenly."""
    found = NOTHING
    midnight = dt.datetime.combine(start.date(), dt.time())
    while midnight - DAY + NIGHT_BEGINS < end:
        begins, ends = midnight - DAY + NIGHT_BEGINS, midnight + NIGHT_ENDS
        found += max(min(end, ends) - max(start, begins), NOTHING)
        midnight += DAY
    return found


def _steady(
    start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> Sequence[tuple[dt.datetime, dt.datetime, dt.timedelta]]:
    """Cut a stretch (UTC) where the offset of the zone changes; it does so once at most."""
    before, after = _offset(start, zone), _offset(end, zone)
    if before == after:
        return [(start, end, before)]
    low, high = start.replace(microsecond=0), end.replace(microsecond=0)  # zones change on whole seconds
    while (length := int((high - low).total_seconds())) > 1:
        middle = low + dt.timedelta(seconds=length // 2)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return [(start, high, before), (high, end, after)]


def _offset(moment: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    return moment.astimezone(zone).utcoffset() or NOTHING
