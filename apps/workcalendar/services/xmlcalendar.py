"""Reads the xmlcalendar format (github.com/xmlcalendar/data): pure, and safe with hostile files.

A file names the days of one year that differ from the plain week:
``<day d="MM.DD" t="1|2|3" h="holiday" f="MM.DD"/>``, where 1 is a day off (a public holiday if `h` names
one), 2 a working day an hour shorter, 3 a working day; `f` is the day off that was moved here.
"""

from __future__ import annotations

import datetime as dt
from typing import NoReturn
from xml.parsers import expat

from django.utils.translation import gettext as _

from apps.workcalendar.choices import DayKind
from apps.workcalendar.errors import CalendarFileError
from apps.workcalendar.types import SpecialDay, SpecialYear

MAX_BYTES = 256 * 1024
_DAY_OFF, _SHORT, _WORKING = "1", "2", "3"


def parse_xmlcalendar(content: bytes) -> SpecialYear:
    """Return the special days of the file.

    A repeated day is fine if it says the same. A document type declaration is refused as soon as it is met,
    so no entity expands and nothing is fetched.

    Raises
    ------
    CalendarFileError
        The file is over 256 KiB, is not XML, carries a DTD, or a line breaks the format; the message names
        the line.

    """
    if len(content) > MAX_BYTES:
        raise CalendarFileError(_("The file is larger than 256 KiB: this is not a calendar."))
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise CalendarFileError(
            _("Line %(line)s: this is not XML (%(reason)s).")
            % {"line": error.lineno, "reason": expat.ErrorString(error.code)}
        ) from error
    except (LookupError, ValueError) as error:
        raise CalendarFileError(_("The file names an encoding that is not known.")) from error
    return reader.result()


class _Reader:
    """Collects the year, the names of holidays and the days while expat walks the document."""

    def __init__(self) -> None:
        self.year: int | None = None
        self.holidays: dict[str, str] = {}
        self.days: dict[dt.date, SpecialDay] = {}
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._doctype

    def result(self) -> SpecialYear:
        if self.year is None:
            raise CalendarFileError(_("The file has no calendar element with a year."))
        return SpecialYear(self.year, tuple(self.days[date] for date in sorted(self.days)))

    def _doctype(self, *_declaration: object) -> None:
        self._refuse(_("a document type declaration is not allowed"))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "calendar":
            self._read_year(attributes)
        elif self.year is None:
            self._refuse(_("the first element must be calendar"))
        elif name == "holiday":
            self.holidays[attributes.get("id", "")] = attributes.get("title", "").strip()[:120]
        elif name == "day":
            self._read_day(self.year, attributes)

    def _read_year(self, attributes: dict[str, str]) -> None:
        text = attributes.get("year", "")
        if not (text.isascii() and text.isdigit() and dt.MINYEAR < int(text) < dt.MAXYEAR):
            self._refuse(_("“%(text)s” is not a year") % {"text": text[:20]})
        self.year = int(text)

    def _read_day(self, year: int, attributes: dict[str, str]) -> None:
        date = self._date(year, attributes.get("d", ""))
        kind = attributes.get("t", "")
        if kind not in {_DAY_OFF, _SHORT, _WORKING}:
            self._refuse(_("day type “%(text)s” is none of 1, 2, 3") % {"text": kind[:20]})
        day = SpecialDay(
            date=date,
            kind=self._kind(kind, attributes),
            is_short=kind == _SHORT,
            holiday_name=self._holiday_name(attributes) if kind == _DAY_OFF else "",
            moved_from=self._date(year, attributes["f"]) if attributes.get("f") else None,
        )
        if self.days.setdefault(date, day) != day:
            self._refuse(_("%(date)s is given twice, differently") % {"date": date.isoformat()})

    def _kind(self, kind: str, attributes: dict[str, str]) -> str:
        if kind != _DAY_OFF:
            return DayKind.WORKING.value
        return DayKind.HOLIDAY.value if attributes.get("h") else DayKind.OFF.value

    def _holiday_name(self, attributes: dict[str, str]) -> str:
        key = attributes.get("h", "")
        if key and key not in self.holidays:
            self._refuse(_("holiday “%(text)s” is not in the list of holidays") % {"text": key[:20]})
        return self.holidays[key] if key else ""

    def _date(self, year: int, text: str) -> dt.date:
        month, _dot, day = text.partition(".")
        try:
            return dt.date(year, int(month), int(day))
        except ValueError:
            self._refuse(_("“%(text)s” is not a day of %(year)s") % {"text": text[:20], "year": year})

    def _refuse(self, reason: str) -> NoReturn:
        raise CalendarFileError(
            _("Line %(line)s: %(reason)s.") % {"line": self.parser.CurrentLineNumber, "reason": reason}
        )
