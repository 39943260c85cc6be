"""A row of text into the facts that it holds, or the column that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.integrations.wire.argus.cells import (
    DAY_MINUTES,
    CellError,
    Clock,
    clock_of,
    day_of,
    number_of,
    spans_of,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

FoundT = TypeVar("FoundT")
MOST_OPERATORS = 10_000
MOST_RATE = 2
MOST_WEEKLY_HOURS = 60
WORDS_OF_A_NAME = (2, 3, 4)
OFF = frozenset({"off", "day off", "выходной", "в", "-"})
WORK = frozenset({"", "work", "shift", "day", "night", "работа", "смена", "день", "ночь", "я", "н"})
CLEAR = frozenset({"-", "–", "нет", "none"})
"""In the day of dismissal: the person works again."""


class RowRefusedError(Exception):
    """The row cannot be taken: which column, why, and what stood there."""

    def __init__(self, column: str, reason: Phrase, value: str = "") -> None:
        super().__init__(reason)
        self.column, self.reason, self.value = column, reason, value


@dataclass(frozen=True)
class Person:
    """Whose row it is: any of the three may be empty, not all."""

    personnel_number: str = ""
    external_id: str = ""
    full_name: str = ""

    def __str__(self) -> str:
        return self.personnel_number or self.external_id or self.full_name


@dataclass(frozen=True)
class EmployeeRow:
    """A person as the table has them; None is what the table does not say."""

    person: Person
    last_name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    department: str | None = None
    position: str | None = None
    site: str | None = None
    time_zone: str | None = None
    hired_on: dt.date | None = None
    dismissed_on: dt.date | None = None
    is_dismissal_said: bool = False
    rate: Decimal | None = None
    weekly_minutes: int | None = None
    login: str | None = None


@dataclass(frozen=True)
class ShiftRow:
    """A shift by the person's clock, in minutes from the midnight of `day`; pauses as (kind, from, to).

    `offset_s` is the zone of the times where the row says one, else None. Without pauses (None) the person's
    break rules lay them. `is_off`: no shift begins on that day.
    """

    person: Person
    day: dt.date
    start: int
    end: int
    pauses: tuple[tuple[str, int, int], ...] | None = None
    offset_s: int | None = None
    is_off: bool = False


@dataclass(frozen=True)
class OperatorRow:
    contacts: Decimal
    operators: Decimal


def employee_row(cells: Mapping[str, str]) -> EmployeeRow:
    """Read a row of employees; a name in one cell is split: surname, first name, patronymic."""
    names = _names(cells)
    told = cells.get("dismissed_on", "")
    return EmployeeRow(
        person=_person(cells, ("personnel_number", "external_id")),
        **names,
        department=cells.get("department") or None,
        position=cells.get("position") or None,
        site=cells.get("site") or None,
        time_zone=_read(cells, "time_zone", _zone),
        hired_on=_read(cells, "hired_on", day_of),
        dismissed_on=None if told.lower() in CLEAR else _read(cells, "dismissed_on", day_of),
        is_dismissal_said=bool(told),
        rate=_read(cells, "rate", lambda text: number_of(text, MOST_RATE)),
        weekly_minutes=_read(
            cells, "weekly_hours", lambda text: int(number_of(text, MOST_WEEKLY_HOURS) * 60)
        ),
        login=cells.get("login") or None,
    )


def shift_row(cells: Mapping[str, str]) -> ShiftRow:
    """Read a row of schedules; an end before the start is on the next day, and so are pauses."""
    person = _person(cells, ("personnel_number", "external_id", "full_name"))
    activity = cells.get("activity", "").lower()
    if activity in OFF:
        return ShiftRow(person, _needed(cells, "date", day_of), 0, 0, is_off=True)
    if activity not in WORK:
        raise RowRefusedError("activity", Phrase(_("A shift is work or a day off.")), cells["activity"])
    start, end = _needed(cells, "start", clock_of), _needed(cells, "end", clock_of)
    day = _read(cells, "date", day_of) or start.day
    if day is None:
        raise RowRefusedError("date", Phrase(_("The day is missing.")))
    first = _minute_from(day, start, "start", cells)
    if not 0 <= first < DAY_MINUTES:
        raise RowRefusedError(
            "start", Phrase(_("The shift begins on another day than its date.")), cells["start"]
        )
    last = _minute_from(day, end, "end", cells)
    if last <= first and end.day is None:
        last += DAY_MINUTES
    if not first < last <= first + DAY_MINUTES:
        raise RowRefusedError(
            "end", Phrase(_("A shift ends after its start, within 24 hours.")), cells["end"]
        )
    if end.offset_s != start.offset_s:
        raise RowRefusedError("end", Phrase(_("Start and end are given in different zones.")), cells["end"])
    return ShiftRow(person, day, first, last, _pauses(cells, first, last), start.offset_s)


def operator_row(cells: Mapping[str, str]) -> OperatorRow:
    """Read one hour: contacts (0 where there are none) and operators."""
    return OperatorRow(
        _read(cells, "contacts", lambda text: number_of(text, 10**9)) or Decimal(0),
        _needed(cells, "operators", lambda text: number_of(text, MOST_OPERATORS)),
    )


def _person(cells: Mapping[str, str], names: tuple[str, ...]) -> Person:
    told = {name: cells.get(name, "") for name in names}
    if not any(told.values()):
        raise RowRefusedError(names[0], Phrase(_("It does not say whose row it is.")))
    return Person(**told)


def _names(cells: Mapping[str, str]) -> dict[str, str | None]:
    parts = {name: cells.get(name) or None for name in ("last_name", "first_name", "middle_name")}
    whole = cells.get("full_name", "")
    if not whole or parts["last_name"]:
        return parts
    words = whole.split()
    if len(words) not in WORDS_OF_A_NAME:
        raise RowRefusedError("full_name", Phrase(_("Not a surname with a first name.")), whole)
    return {"last_name": words[0], "first_name": words[1], "middle_name": " ".join(words[2:]) or None}


def _pauses(cells: Mapping[str, str], first: int, last: int) -> tuple[tuple[str, int, int], ...] | None:
    columns = {"lunch": "lunch", "breaks": "break"}
    told = {name: kind for name, kind in columns.items() if cells.get(name)}
    if not told:
        return None
    found = []
    for name, kind in told.items():
        for begin, end in _needed(cells, name, spans_of):
            start = begin if begin >= first else begin + DAY_MINUTES
            stop = end + (start - begin) if end > begin else end + DAY_MINUTES
            if not first <= start < stop <= last:
                raise RowRefusedError(name, Phrase(_("It lies outside the shift.")), cells[name])
            found.append((kind, start, stop))
    found.sort(key=lambda pause: pause[1])
    if any(one[2] > other[1] for one, other in pairwise(found)):
        raise RowRefusedError("breaks", Phrase(_("Pauses overlap.")), cells.get("breaks", ""))
    return tuple(found)


def _minute_from(day: dt.date, clock: Clock, column: str, cells: Mapping[str, str]) -> int:
    days = 0 if clock.day is None else (clock.day - day).days
    if abs(days) > 1:
        raise RowRefusedError(column, Phrase(_("It lies on another day.")), cells[column])
    return days * DAY_MINUTES + clock.minute


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CellError(Phrase(_("There is no such time zone: write one like Europe/Moscow."))) from error


def _read(cells: Mapping[str, str], name: str, read: Callable[[str], FoundT]) -> FoundT | None:
    text = cells.get(name, "")
    if not text:
        return None
    try:
        return read(text)
    except CellError as error:
        raise RowRefusedError(name, error.reason, text) from error


def _needed(cells: Mapping[str, str], name: str, read: Callable[[str], FoundT]) -> FoundT:
    found = _read(cells, name, read)
    if found is None:
        raise RowRefusedError(name, Phrase(_("It is missing.")))
    return found
