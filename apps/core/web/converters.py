"""Months and days in addresses: `2026-11` and `2026-11-02`."""

from __future__ import annotations

import datetime as dt

FIRST_YEAR, LAST_YEAR = 2000, 2100


class MonthConverter:
    """A month as its first day; a month that does not exist matches nothing."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        return in_reach(dt.date.fromisoformat(f"{value}-01"))

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else f"{value:%Y-%m}"


class DayConverter:
    """A day by its ISO date."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        return in_reach(dt.date.fromisoformat(value))

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


def in_reach(day: dt.date) -> dt.date:
    """Give `day` if a page can show it and the days beside it. Raises `ValueError` if not."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{day} is out of reach")
    return day


def month_after(month: dt.date, count: int = 1) -> dt.date:
    """Give the first day of the month `count` months later (earlier if negative)."""
    index = month.year * 12 + month.month - 1 + count
    return dt.date(index // 12, index % 12 + 1, 1)
