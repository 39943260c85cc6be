"""What calendar files hold and selectors hand out; `kind` is a `choices.DayKind` value everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction


@dataclass(frozen=True)
class SpecialDay:
    """A day that differs from the plain week, as a calendar file says it."""

    date: dt.date
    kind: str
    is_short: bool = False
    holiday_name: str = ""
    moved_from: dt.date | None = None


@dataclass(frozen=True)
class SpecialYear:
    """The special days of one year, in order of date."""

    year: int
    days: tuple[SpecialDay, ...]


@dataclass(frozen=True)
class DayFacts:
    """What a day is once the plain week, the calendar and its overrides have spoken.

    `note` is the reason of an override, empty without one. Only the kind "holiday" extends a leave (article
    112 of the labour code); a day off by transfer is "off".
    """

    date: dt.date
    kind: str
    is_short: bool
    holiday_name: str
    note: str

    @property
    def is_working(self) -> bool:
        return self.kind == "working"


@dataclass(frozen=True)
class NormTable:
    """Exact norms of a year in minutes: twelve months, four quarters, the year; and its working days."""

    year: int
    working_days: int
    months: tuple[Fraction, ...]
    quarters: tuple[Fraction, ...]
    total: Fraction
