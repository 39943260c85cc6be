"""The production calendar of this 1C: its own copy, so that a wrong one in the product shows.

Days: labour code, articles 95 and 112, and the yearly government decrees on moved days off (2018: 14.10.2017
No. 1250; 2023: 29.08.2022 No. 1505; the others as published).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from apps.integrations.simulators.onec.dates import days

if TYPE_CHECKING:
    import datetime as dt

DATA = Path(__file__).parent / "data" / "production_days.json"
SATURDAY = 5


class ProductionCalendar:
    """Working and shortened days of the years that are filled."""

    def __init__(self) -> None:
        self._years: dict[int, dict[str, set[str]]] = {
            int(year): {name: set(rows) for name, rows in facts.items()}
            for year, facts in json.loads(DATA.read_text(encoding="utf-8")).items()
        }
        self._emptied: set[int] = set()

    @property
    def filled(self) -> list[int]:
        return sorted(self._years.keys() - self._emptied)

    def empty(self, years: set[int]) -> None:
        """Make as if these years, and no others of those that are known, were not filled."""
        self._emptied = years

    def missing(self, first: dt.date, last: dt.date) -> int | None:
        """Give the first year of the span that is not filled."""
        return next((year for year in range(first.year, last.year + 1) if year not in self.filled), None)

    def is_working(self, day: dt.date) -> bool:
        facts, name = self._years[day.year], day.strftime("%m-%d")
        return name in facts["working"] or (day.weekday() < SATURDAY and name not in facts["off"])

    def is_short(self, day: dt.date) -> bool:
        return day.strftime("%m-%d") in self._years[day.year]["short"]

    def count(self, first: dt.date, last: dt.date) -> tuple[int, int]:
        """Give how many days of the span are worked (the shortened ones too) and how many are shortened."""
        worked = [day for day in days(first, last) if self.is_working(day)]
        return len(worked), sum(self.is_short(day) for day in worked)
