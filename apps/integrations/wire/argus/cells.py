"""What stands in a cell: days, times of day, spans, numbers. A cell that cannot be read names its reason."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase

DAY_MINUTES = 1440
FIRST_YEAR, LAST_YEAR = 1950, 2099
_DAY_FORMS = (
    re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})", re.ASCII),
    re.compile(r"(?P<y>\d{4})(?P<mark>[.\-/])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})", re.ASCII),
)
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00(\.0+)?)?$")
_CLOCK = re.compile(r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::00(?:\.0+)?)?", re.ASCII)
_FRACTION = re.compile(r"0?[.,]\d+|0|1", re.ASCII)
_MOMENT = re.compile(
    r"(?P<day>\S+?)[ T]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?P<zone>Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_SPAN = re.compile(r"\s*(\S+?)\s*(?:-|–|—|\.\.)\s*(\S+?)\s*")
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)
_SPACES = str.maketrans("", "", " \u00a0\u202f")


class CellError(ValueError):
    """The cell cannot be read, and why."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Clock:
    """A time as a cell gives it: minutes of a day; the day, the offset (seconds) where the cell says them."""

    minute: int
    day: dt.date | None = None
    offset_s: int | None = None


def day_of(text: str) -> dt.date:
    """Read `31.12.2025`, `2025.12.31` or `2025-12-31`; a midnight behind it says nothing more."""
    bare = _MIDNIGHT.sub("", text.strip())
    found = next(filter(None, (form.fullmatch(bare) for form in _DAY_FORMS)), None)
    if found is None:
        raise CellError(Phrase(_("Not a date like 31.12.2025, 2025.12.31 or 2025-12-31.")))
    try:
        day = dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError as error:
        raise CellError(Phrase(_("There is no such date."))) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError(Phrase(_("It lies too far from today.")))
    return day


def clock_of(text: str) -> Clock:
    """Read `9:00`, `24:00`, a workbook's share of a day, or a day and a time, with or without a zone."""
    bare = text.strip()
    found = _CLOCK.fullmatch(bare)
    if found is not None:
        return Clock(_minute(int(found["h"]), int(found["m"])))
    if _FRACTION.fullmatch(bare):
        return Clock(round(float(bare.replace(",", ".")) * DAY_MINUTES))
    moment = _MOMENT.fullmatch(bare)
    if moment is None:
        raise CellError(Phrase(_("Not a time like 9:00 or 31.12.2025 9:00.")))
    hour, minute, *_rest = moment["clock"].split(":")
    return Clock(_minute(int(hour), int(minute)), day_of(moment["day"]), _offset_s(moment["zone"]))


def spans_of(text: str) -> list[tuple[int, int]]:
    """Read `13:00-13:15; 15:00–15:15` or a JSON list of objects with start and end: minutes of the day."""
    if text.lstrip().startswith("["):
        return _json_spans(text)
    pieces = [piece for piece in re.split(r"[;,\n]", text) if piece.strip()]
    found = [_SPAN.fullmatch(piece) for piece in pieces]
    if not all(found):
        raise CellError(Phrase(_("Not spans like 13:00-13:15, 15:00-15:15.")))
    return [(clock_of(span[1]).minute, clock_of(span[2]).minute) for span in found if span]


def number_of(text: str, most: int) -> Decimal:
    """Read a number from 0 to `most`, with a decimal comma or point."""
    bare = text.translate(_SPACES)
    if not _NUMBER.fullmatch(bare):
        raise CellError(Phrase(_("Not a number from 0 on.")))
    value = Decimal(bare.replace(",", "."))
    if value > most:
        raise CellError(Phrase(_("Larger than %(most)s."), {"most": most}))
    return value


def _json_spans(text: str) -> list[tuple[int, int]]:
    try:
        spans = [(clock_of(span["start"]).minute, clock_of(span["end"]).minute) for span in json.loads(text)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, CellError):
            raise
        raise CellError(Phrase(_("Not a list of objects with start and end."))) from error
    return spans


def _minute(hour: int, minute: int) -> int:
    whole = hour * 60 + minute
    if minute > 59 or whole > DAY_MINUTES:  # noqa: PLR2004 - minutes of an hour
        raise CellError(Phrase(_("There is no such time of day.")))
    return whole


def _offset_s(zone: str | None) -> int | None:
    if not zone:
        return None
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:  # noqa: PLR2004 - the farthest zone is UTC+14
        raise CellError(Phrase(_("There is no such offset from UTC.")))
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
