"""Days as 1C writes them: midnight of Moscow, told in UTC."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from apps.integrations.simulators.onec.refusals import FaultyRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOSCOW = ZoneInfo("Europe/Moscow")
NULL_DATE = "0001-01-01T00:00:00Z"
ONE_DAY = dt.timedelta(days=1)
DAY_LENGTH = len("2026-11-20")


@lru_cache(maxsize=20_000)
def in_utc(day: dt.date) -> str:
    """Give `2018-03-27T21:00:00Z` for 28 March 2018."""
    instant = dt.datetime.combine(day, dt.time(), MOSCOW).astimezone(dt.UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def read_day(text: Any, name: str) -> dt.date:
    """Read a plain `yyyy-mm-dd`; raises `FaultyRequestError` naming the field."""
    if isinstance(text, str) and len(text) == DAY_LENGTH:
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    raise FaultyRequestError(f"Поле {name}: «{str(text)[:40]}» – не дата вида ГГГГ-ММ-ДД.")


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + ONE_DAY * number for number in range((last - first).days + 1))


def month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def months(first: dt.date, last: dt.date, size: int = 1) -> Iterator[tuple[dt.date, dt.date]]:
    """Give the first and last day of each month, quarter or year (`size` 1, 3, 12) that meets the period."""
    begin = first.replace(month=(first.month - 1) // size * size + 1, day=1)
    while begin <= last:
        end = month_end(begin.replace(month=begin.month + size - 1))
        yield begin, end
        begin = end + ONE_DAY


def month_key(day: dt.date) -> str:
    return day.strftime("%Y-%m")
