"""What both dialects of 1C say of departments and people, in one form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from apps.core.phrases import Phrase


@dataclass(frozen=True)
class OneCDepartment:
    """A node of the tree; no `parent_id` is the root."""

    department_id: str
    name: str
    parent_id: str = ""


@dataclass(frozen=True)
class OneCBalance:
    """Days of leave that a person has on an accrual date."""

    day: dt.date
    days: Decimal


@dataclass(frozen=True)
class OneCPerson:
    """A person as 1C knows them now; None and "" are what it did not say.

    `says_dismissal` tells whether the dialect gave the dismissal at all, `department` and the like are names
    where the dialect has them. Minutes a week carry the rate already.
    """

    agent_id: str
    personnel_number: str
    last_name: str
    first_name: str
    middle_name: str = ""
    hired_on: dt.date | None = None
    dismissed_on: dt.date | None = None
    says_dismissal: bool = True
    position_id: str = ""
    position: str = ""
    position_since: dt.date | None = None
    department_id: str = ""
    rate: Decimal | None = None
    login: str = ""
    weekly_norm_minutes: int | None = None
    norm_since: dt.date | None = None
    site: str = ""
    balances: tuple[OneCBalance, ...] = ()


@dataclass(frozen=True)
class BadRow:
    """A row that was skipped: who (the external id, else its place), which field, why.

    `agent_id` is empty where not even that could be read.
    """

    subject: str
    field: str
    reason: Phrase
    agent_id: str = ""


@dataclass(frozen=True)
class PersonnelAnswer:
    """A whole answer, and what speaks against its being whole.

    `incomplete` is why nobody may be taken for gone because this answer does not name them;
    `names_departments` whether the dialect tells of departments more than their ids.
    """

    people: tuple[OneCPerson, ...]
    departments: tuple[OneCDepartment, ...] = ()
    bad_rows: tuple[BadRow, ...] = ()
    incomplete: tuple[Phrase, ...] = ()
    names_departments: bool = True

    @cached_property
    def named(self) -> frozenset[str]:
        """Give the ids of all whom the answer names, skipped rows included."""
        known = {person.agent_id for person in self.people}
        return frozenset(known | {row.agent_id for row in self.bad_rows if row.agent_id})
