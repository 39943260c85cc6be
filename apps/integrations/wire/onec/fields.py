"""Tolerant reading of single values that 1C answers; what cannot be read says why."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOSCOW = ZoneInfo("Europe/Moscow")
"""The zone of the days that 1C answers as instants; by the tz database, for it was not always at +03:00."""
NO_DAY = "0001-01-01"
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2200
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{0,18})?|[+-]?\.[0-9]{1,18}")
_SPACES = re.compile(r"\s+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_DIGITS = 18
_SHOWN_CHARS = 40
_TRUE, _FALSE = {"true", "1"}, {"false", "0", ""}

NOT_GIVEN = gettext_noop("It is missing.")
NOT_TEXT = gettext_noop("It is not a text.")
TOO_LONG = gettext_noop("It is longer than %(most)s characters.")
NO_NUMBER = gettext_noop("“%(text)s” is not a number.")
NOT_WHOLE = gettext_noop("“%(text)s” is not a whole number.")
OUT_OF_RANGE = gettext_noop("%(text)s is not from %(least)s to %(most)s.")
NOT_A_FLAG = gettext_noop("“%(text)s” is neither true nor false.")
NOT_A_DAY = gettext_noop("“%(text)s” is not a date.")
NOT_A_LIST = gettext_noop("It is not a list.")
NOT_AN_OBJECT = gettext_noop("It is not an object.")


class FieldError(Exception):
    """A value that cannot be read; `field` is its name as the other system writes it."""

    def __init__(self, field: str, reason: Phrase) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class Row:
    """An object of an answer whose members are found whatever their case and underscores.

    `parent_departmentId` and `parentDepartmentId`, `agentID` and `agentId` are the same member. Every reader
    raises `FieldError` with the name that it was asked for.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {_plain(name): value for name, value in values.items()}

    def has(self, name: str) -> bool:
        """Tell whether the member is there at all."""
        return _plain(name) in self._values

    def raw(self, name: str) -> Any:
        """Give the member as it came; None when it is not there."""
        return self._values.get(_plain(name))

    def text(self, name: str, *, most: int = 0, required: bool = False) -> str:
        """Give a text without spaces around it; a number is taken as it is written."""
        value = self.raw(name)
        if isinstance(value, bool | dict | list):
            raise FieldError(name, Phrase(NOT_TEXT))
        found = "" if value is None else str(value).strip()
        if required and not found:
            raise FieldError(name, Phrase(NOT_GIVEN))
        if most and len(found) > most:
            raise FieldError(name, Phrase(TOO_LONG, {"most": most}))
        if "\x00" in found:
            raise FieldError(name, Phrase(NOT_TEXT))
        return found

    def number(
        self, name: str, *, least: Decimal | int, most: Decimal | int, required: bool = False
    ) -> Decimal | None:
        """Give a number from `least` to `most`; text with a decimal comma and spaces inside is one, too."""
        value = self.raw(name)
        if value is None or (isinstance(value, str) and not _SPACES.sub("", value)):
            if required:
                raise FieldError(name, Phrase(NOT_GIVEN))
            return None
        found = to_number(value)
        if found is None:
            raise FieldError(name, Phrase(NO_NUMBER, {"text": _shown(value)}))
        if not least <= found <= most:
            told = {"text": _shown(value), "least": str(least), "most": str(most)}
            raise FieldError(name, Phrase(OUT_OF_RANGE, told))
        return found

    def whole(self, name: str, *, least: int, most: int, required: bool = False) -> int | None:
        """Give a whole number from `least` to `most` (`"12600000"`, `12600000.0`)."""
        found = self.number(name, least=least, most=most, required=required)
        if found is None:
            return None
        if found != found.to_integral_value():
            raise FieldError(name, Phrase(NOT_WHOLE, {"text": _shown(self.raw(name))}))
        return int(found)

    def flag(self, name: str) -> bool:
        """Give true or false, written as such, as text or as 1 and 0; nothing is false."""
        value = self.raw(name)
        said = "" if value is None else str(value).strip().lower()
        if isinstance(value, dict | list) or said not in _TRUE | _FALSE:
            raise FieldError(name, Phrase(NOT_A_FLAG, {"text": _shown(value)}))
        return said in _TRUE

    def day(self, name: str, *, required: bool = False) -> dt.date | None:
        """Give a date; an instant is the day that it is in Moscow then, `0001-01-01` is none."""
        value = self.raw(name)
        if value is not None and not isinstance(value, str):
            raise FieldError(name, Phrase(NOT_A_DAY, {"text": _shown(value)}))
        said = (value or "").strip()
        if not said or said.startswith(NO_DAY):
            if required:
                raise FieldError(name, Phrase(NOT_GIVEN))
            return None
        found = to_day(said)
        if found is None:
            raise FieldError(name, Phrase(NOT_A_DAY, {"text": _shown(value)}))
        return found

    def rows(self, name: str) -> Iterator[Row]:
        """Give the objects of a list; nothing when it is not there."""
        value = self.raw(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise FieldError(name, Phrase(NOT_A_LIST))
        for item in value:
            if not isinstance(item, dict):
                raise FieldError(name, Phrase(NOT_AN_OBJECT))
            yield Row(item)


def to_number(value: Any) -> Decimal | None:
    """Read a number as 1C writes it: a number or text, comma or dot, spaces (also no-break) inside."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    if isinstance(value, str):
        said = _SPACES.sub("", value).replace("\N{MINUS SIGN}", "-").replace(",", ".")
        return Decimal(said) if _NUMBER.fullmatch(said) else None
    found = Decimal(str(value))
    if not found.is_finite() or found.adjusted() > _MOST_DIGITS:
        return None
    return found


@lru_cache(maxsize=4096)  # an answer repeats its days thousands of times
def to_day(said: str) -> dt.date | None:
    """Read a date, a local moment (its day), or an instant (its day in Moscow); None for anything else."""
    if not _DAY.match(said):
        return None
    try:
        moment = dt.datetime.fromisoformat(said.upper())
        if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
            return None
        return (moment if moment.tzinfo is None else moment.astimezone(MOSCOW)).date()
    except ValueError:
        return None


@lru_cache(maxsize=512)
def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _shown(value: Any) -> str:
    return str(value)[:_SHOWN_CHARS]
