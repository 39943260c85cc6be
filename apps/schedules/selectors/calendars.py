"""The days of a month in the production calendars of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.workcalendar.choices import DayKind
from apps.workcalendar.selectors import day_kinds

if TYPE_CHECKING:
    from apps.schedules.types import Month
    from apps.workcalendar.types import DayFacts


class Calendars:
    """Calendars by code, each read once."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._days: dict[str, list[DayFacts]] = {}

    def days(self, code: str) -> list[DayFacts]:
        """Give what each day of the month is."""
        if code not in self._days:
            found = day_kinds(code, self._month.first, self._month.last)
            self._days[code] = [found[day] for day in self._month.days]
        return self._days[code]

    def days_off(self, code: str) -> frozenset[int]:
        """Give the day indices that are not working days."""
        return frozenset(index for index, day in enumerate(self.days(code)) if not day.is_working)

    def holidays(self, code: str) -> frozenset[int]:
        """Give the day indices that are public holidays."""
        return frozenset(index for index, day in enumerate(self.days(code)) if day.kind == DayKind.HOLIDAY)
