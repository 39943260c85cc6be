"""Rows of a centre's answers and messages: what can be read is read, what cannot is named and left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.wire.onec.fields import NOT_A_LIST, NOT_AN_OBJECT, FieldError, Row
from apps.monitoring.types import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RowT = TypeVar("RowT")
MOST_MS = 10**12
MOST_COUNT = 10**9
LONGEST_ID = 120
LONGEST_NAME = 200
_SHOWN_CHARS = 60
NO_INSTANT = gettext_noop("“%(text)s” is no instant of ISO 8601.")
NO_ZONE = gettext_noop("“%(text)s” has no zone.")
OUT_OF_REACH = gettext_noop("“%(text)s” lies outside the years 1990 to 2100.")
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


@dataclass
class Told(Generic[RowT]):
    """What an answer held: rows that could be read, what was wrong with the others, their clock and ours."""

    rows: list[RowT] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    clocks: tuple[dt.datetime, dt.datetime] | None = None

    def take(self, subject: str, read: Callable[[], RowT | None]) -> None:
        """Add what `read` gives, or the reason why it cannot."""
        try:
            row = read()
        except FieldError as error:
            self.problems.append(Problem(subject, error.field, error.reason))
        else:
            if row is not None:
                self.rows.append(row)

    def objects(self, values: Any, name: str, subject: str) -> Iterator[Row]:
        """Go through a list of objects; what is none is a problem."""
        if values is None:
            return
        if not isinstance(values, list):
            self.problems.append(Problem(subject, name, Phrase(NOT_A_LIST)))
            return
        for index, value in enumerate(values):
            if isinstance(value, Mapping):
                yield Row(value)
            else:
                self.problems.append(Problem(subject, f"{name}[{index}]", Phrase(NOT_AN_OBJECT)))


def instant(row: Row, name: str) -> dt.datetime | None:
    """Give an instant of ISO 8601 with its zone, in UTC; None where there is none."""
    value = row.raw(name)
    if value is None or value == "":
        return None
    text = str(value)[:_SHOWN_CHARS]
    if not isinstance(value, str):
        raise FieldError(name, Phrase(NO_INSTANT, {"text": text}))
    try:
        moment = dt.datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise FieldError(name, Phrase(NO_INSTANT, {"text": text})) from error
    if moment.tzinfo is None:
        raise FieldError(name, Phrase(NO_ZONE, {"text": text}))
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise FieldError(name, Phrase(OUT_OF_REACH, {"text": text}))
    return moment.astimezone(dt.UTC)


def needed_instant(row: Row, name: str) -> dt.datetime:
    moment = instant(row, name)
    if moment is None:
        raise FieldError(name, Phrase(gettext_noop("It is missing.")))
    return moment


def identity(row: Row, name: str) -> str:
    """Give an id; a number is taken as it is written."""
    return row.text(name, required=True, most=LONGEST_ID)


def id_or_nothing(row: Row, name: str) -> str:
    return row.text(name, most=LONGEST_ID)


def count(row: Row, name: str) -> int:
    """Give a count; one that is missing is a problem."""
    found = row.whole(name, least=0, most=MOST_COUNT, required=True)
    return found or 0


def count_or_nothing(row: Row, name: str) -> int | None:
    return row.whole(name, least=0, most=MOST_COUNT)


def ms(row: Row, name: str) -> int | None:
    """Give a duration in milliseconds; a fraction of one is rounded."""
    found = row.number(name, least=0, most=MOST_MS)
    return None if found is None else round(found)
