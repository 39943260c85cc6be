"""What the selectors of people hand out: plain facts with their days."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


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


@dataclass(frozen=True)
class WantedDepartment:
    """A department as another system knows it.

    `key` is its id there; no `name` means that the system does not say it, no `parent_key` that it is a root.
    """

    key: str
    name: str = ""
    parent_key: str = ""


@dataclass(frozen=True)
class WantedNamed:
    """A position as another system knows it: its id there and its name."""

    key: str
    name: str


@dataclass(frozen=True)
class WantedSite:
    """A site by its name; the zone is for one that is not there yet."""

    name: str
    time_zone: str


@dataclass(frozen=True)
class WantedStructure:
    """What the wanted people refer to by key; the defaults are for new people of whom it is not said."""

    departments: tuple[WantedDepartment, ...] = ()
    positions: tuple[WantedNamed, ...] = ()
    sites: tuple[WantedSite, ...] = ()
    default_department: str = ""
    default_position: str = ""
    default_site: str = ""
    default_zone: str = "Europe/Moscow"


@dataclass(frozen=True)
class WantedPerson:
    """What another system says of a person; None is not said and stays as it is.

    `key` is what problems name the person by, no `employee_id` is somebody new. `department`, `position` and
    `site` are keys of the structure. Other terms hold from `placed_from` and `norm_from`, or from today.
    `is_dismissal_said` with no `dismissed_on` takes a dismissal back.
    """

    key: str
    employee_id: int | None = None
    personnel_number: str | None = None
    external_id: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    hired_on: dt.date | None = None
    dismissed_on: dt.date | None = None
    is_dismissal_said: bool = False
    department: str | None = None
    position: str | None = None
    site: str | None = None
    time_zone: str | None = None
    rate: Decimal | None = None
    weekly_norm_minutes: int | None = None
    placed_from: dt.date | None = None
    norm_from: dt.date | None = None
    login: str | None = None


@dataclass(frozen=True)
class Problem:
    """What was not taken over: of whom, which field, why (in the language of who started it)."""

    subject: str
    field: str
    reason: str


@dataclass(frozen=True)
class StructureChange:
    """A department, position or site that is added or changed; `fields` are texts, old and new."""

    kind: str
    name: str
    action: str
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PersonPlan:
    """What would become of one person: create, update, dismiss or none; `fields` are texts, old and new."""

    key: str
    action: str
    name: str
    personnel_number: str
    employee_id: int | None
    fields: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class PersonnelPlan:
    """What would become of everybody who was wanted and could be planned."""

    people: tuple[PersonPlan, ...]
    structure: tuple[StructureChange, ...]
    problems: tuple[Problem, ...]


@dataclass
class PersonnelOutcome:
    """What became of everybody: counts, problems by person, and whose key is which employee."""

    created: int = 0
    updated: int = 0
    dismissed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    employee_ids: dict[str, int] = field(default_factory=dict)
    changed_ids: list[int] = field(default_factory=list)
