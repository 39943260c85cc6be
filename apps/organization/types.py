"""What the selectors of people hand out: plain facts with their days."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class Days:
    """Days from `first` to `last`, both included; no `last` is open."""

    first: dt.date
    last: dt.date | None

    def holds(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class TermsSpan(Days):
    """The contract facts of a person over days."""

    department_id: int
    department: str
    site_id: int
    site: str
    zone_name: str
    calendar_code: str
    position: str
    is_planned: bool
    rate: float
    weekly_norm_minutes: int
    max_shift_minutes: int | None
    overtime_consent: bool
    night_consent: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)


@dataclass(frozen=True)
class LimitSpan(Days):
    """A personal limit (`choices.Restriction` value) over days."""

    kind: str


@dataclass(frozen=True)
class MembershipSpan(Days):
    """A place in the queue over days; `kind` is a `choices.Membership` value."""

    kind: str
    productivity: float


@dataclass(frozen=True)
class Member:
    """A person of a queue with every dated fact that touches the asked span, in order of days."""

    employee_id: int
    name: str
    personnel_number: str
    hired_on: dt.date
    dismissed_on: dt.date | None
    memberships: tuple[MembershipSpan, ...]
    terms: tuple[TermsSpan, ...]
    limits: tuple[LimitSpan, ...]
    skills: dict[str, int]  # skill code -> proficiency 1..5

    def terms_on(self, day: dt.date) -> TermsSpan | None:
        return next((span for span in self.terms if span.holds(day)), None)

    def limits_on(self, day: dt.date) -> frozenset[str]:
        return frozenset(span.kind for span in self.limits if span.holds(day))

    def is_employed_on(self, day: dt.date) -> bool:
        return Days(self.hired_on, self.dismissed_on).holds(day) and self.terms_on(day) is not None

    @cached_property
    def _current(self) -> TermsSpan | None:
        return self.terms[-1] if self.terms else None

    @property
    def department(self) -> str:
        return self._current.department if self._current else ""

    @property
    def site(self) -> str:
        return self._current.site if self._current else ""

    @property
    def zone_name(self) -> str:
        return self._current.zone_name if self._current else ""

    @property
    def productivity(self) -> float:
        return self.memberships[-1].productivity


@dataclass(frozen=True)
class CardFacts:
    """Who a person is."""

    personnel_number: str
    last_name: str
    first_name: str
    middle_name: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class TermsFacts:
    """What a contract says; minutes a week are already scaled by the rate."""

    position_id: int
    department_id: int
    site_id: int
    time_zone: str = ""
    rate: Decimal = Decimal(1)
    weekly_norm_minutes: int = 2400
    max_shift_minutes: int | None = None
    overtime_consent: bool = False
    night_consent: bool = True


@dataclass(frozen=True)
class PlaceFacts:
    """What a place in a queue says; `kind` is a `choices.Membership` value."""

    queue_id: int
    kind: str
    productivity: Decimal = Decimal(1)
