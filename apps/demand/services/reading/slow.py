"""One row that is not clean: read with care, or refused with the column, the reason and the value."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.services.reading.columns import NO_OFFSET, NUMBERS, SECONDS, largest
from apps.demand.services.reading.layout import OFFERED, START
from apps.demand.services.reading.text_table import text_of

if TYPE_CHECKING:
    from apps.demand.services.reading.layout import Layout
    from apps.demand.services.reading.limits import Limits

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]0{1,6})?)?"
_FORMS = (
    re.compile(rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})\s+{_CLOCK}", re.ASCII),
    re.compile(
        rf"(?P<year>\d{{4}})(?P<mark>[.-])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?:\s+|T){_CLOCK}"
        r"(?P<zone>Z|[+-]\d{2}:?\d{2})?",
        re.ASCII,
    ),
)
_AMOUNT = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
FORMULA = "="
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - local wall-clock time has no zone


class BrokenRowError(Exception):
    """The row cannot be loaded: `column` is a name of the layout or empty, `value` what stood there."""

    def __init__(self, column: str, reason: Phrase, value: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.value = column, reason, value


def read_row(line: bytes, layout: Layout, limits: Limits) -> tuple[int, int, dict[str, float]]:
    """Read one line into wall-clock seconds, offset from UTC (or `NO_OFFSET`) and numbers (NaN: empty)."""
    text = text_of(line).replace("\r", " ")
    try:
        cells = [cell.strip() for cell in next(csv.reader([text], delimiter=layout.separator), [])]
    except csv.Error as error:
        raise BrokenRowError("", Phrase(_("The row cannot be split into cells.")), text) from error
    if len(cells) < layout.width or any(cells[layout.width :]):
        raise BrokenRowError(
            "",
            Phrase(
                _("The row has %(have)d cells instead of %(want)d."),
                {"have": len(cells), "want": layout.width},
            ),
            text,
        )
    local_s, offset_s = _moment(cells[layout.positions[START]], limits)
    numbers = {
        name: _amount(name, cells[layout.positions[name]], limits)
        for name in NUMBERS
        if name in layout.positions
    }
    return local_s, offset_s, numbers


def _moment(cell: str, limits: Limits) -> tuple[int, int]:
    found = next(filter(None, (form.fullmatch(cell) for form in _FORMS)), None)
    if found is None:
        raise BrokenRowError(
            START,
            Phrase(_("Not a date and time like 31.12.2025 09:15, 2025.12.31 09:15 or 2025-12-31T09:15.")),
            cell,
        )
    parts = found.groupdict()
    try:
        moment = dt.datetime(  # noqa: DTZ001 - local wall-clock time has no zone
            int(parts["year"]), int(parts["month"]), int(parts["day"]),
            int(parts["hour"]), int(parts["minute"]), int(parts["second"] or 0),
        )  # fmt: skip
    except ValueError as error:
        raise BrokenRowError(START, Phrase(_("There is no such date or time.")), cell) from error
    if moment.year < limits.first_year:
        raise BrokenRowError(START, Phrase(_("Earlier than %(year)d."), {"year": limits.first_year}), cell)
    return int((moment - _EPOCH).total_seconds()), _offset(parts.get("zone"), cell)


def _offset(zone: str | None, cell: str) -> int:
    if zone is None:
        return int(NO_OFFSET)
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:  # noqa: PLR2004 - the farthest zone is UTC+14
        raise BrokenRowError(START, Phrase(_("There is no such offset from UTC.")), cell)
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def _amount(name: str, cell: str, limits: Limits) -> float:
    text = cell.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if not text:
        if name == OFFERED:
            raise BrokenRowError(name, Phrase(_("The number of contacts is missing.")), cell)
        return math.nan
    if text.startswith(FORMULA):
        reason = Phrase(_("A formula without its value: open the file in a spreadsheet program and save it."))
        raise BrokenRowError(name, reason, cell)
    if not _AMOUNT.fullmatch(text):
        raise BrokenRowError(name, Phrase(_("Not a number.")), cell)
    value = float(text.replace(",", "."))
    if value < 0:
        raise BrokenRowError(name, Phrase(_("Less than zero.")), cell)
    if value > largest(name, limits):
        raise BrokenRowError(
            name,
            Phrase(_("Larger than %(most)s in one interval."), {"most": f"{largest(name, limits):.0f}"}),
            cell,
        )
    if name not in SECONDS and value != math.floor(value):
        raise BrokenRowError(name, Phrase(_("Not a whole number.")), cell)
    return abs(value)
