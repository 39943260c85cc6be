"""Draw the people of a queue, as many as its requirement needs; pure, the same for the same seed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from apps.demo.absences import AbsencePlan, absences_of
from apps.demo.blueprint import AGENT, SENIOR, SITES, TEAM_SIZE, Contract, QueuePlan, SitePlan
from apps.demo.names import full_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAID_BREAK_SHARE = 0.065
FULL_WEEK = 2400
REDUCED_WEEK = 2100  # art. 92: 35 hours for minors and for the disabled of groups I and II
MINOR_SHIFT = 420  # art. 94
WOMEN = 0.68
LIMITS = ("minor", "pregnant", "disabled", "no_night")
LIMIT_EVERY = 14  # people of the first contract kind
WORKDAYS_A_WEEK = 5


@dataclass(frozen=True)
class PersonPlan:
    """An invented person with the facts of today's contract."""

    personnel_number: str
    last_name: str
    first_name: str
    middle_name: str
    site: str
    department: str
    position: str
    hired_on: dt.date
    weekly_minutes: int = FULL_WEEK
    max_shift_minutes: int | None = None
    night_consent: bool = True
    overtime_consent: bool = False
    queue: str = ""
    rule: str = ""
    phase: int = 0
    productivity: float = 1.0
    limits: tuple[str, ...] = ()
    skills: tuple[tuple[str, int], ...] = ()
    absences: tuple[AbsencePlan, ...] = ()

    @property
    def rate(self) -> float:
        return 1.0 if self.weekly_minutes == REDUCED_WEEK else self.weekly_minutes / FULL_WEEK


@dataclass(frozen=True)
class MonthPlan:
    """The planned month: its working days with True where a day is an hour shorter."""

    first: dt.date
    working_days: Mapping[dt.date, bool]


def people_of(
    plan: QueuePlan, required_h: float, month: MonthPlan, *, seed: int, first_number: int
) -> list[PersonPlan]:
    """Draw people until the hours they owe in the month hold `required_h` agent hours on line.

    Paid breaks and the queue's slack come on top; each person owes the month's norm without absences.
    """
    rng = np.random.default_rng(seed)
    needed_h = required_h / (1 - PAID_BREAK_SHARE) * plan.slack
    people: list[PersonPlan] = []
    sites = _Quota([site.share for site in SITES])
    contracts = {site.code: _Quota([row.share for row in plan.contracts]) for site in SITES}
    owed_h = 0.0
    while owed_h < needed_h:
        site = SITES[sites.next()]
        contract = plan.contracts[contracts[site.code].next()]
        number = len(people)
        person = _person(rng, plan, site, contract, month, number=number, personnel=first_number + number)
        people.append(_placed(person, plan, contract, people))
        owed_h += owed_hours(person, month)
    return people


def owed_hours(person: PersonPlan, month: MonthPlan) -> float:
    """Give the person's norm of the month in hours, lowered by the working days of the absences."""
    present = [day for day in month.working_days if not any(row.covers(day) for row in person.absences)]
    short_h = sum(month.working_days[day] for day in present)
    return len(present) * person.weekly_minutes / 60 / WORKDAYS_A_WEEK - short_h * person.rate


class _Quota:
    """Deals indices so that every prefix is as near to the shares as can be."""

    def __init__(self, shares: Sequence[float]) -> None:
        self._shares = np.array(shares) / sum(shares)
        self._dealt = np.zeros(len(shares), dtype=np.int64)

    def next(self) -> int:
        index = int(np.argmax(self._shares * (self._dealt.sum() + 1) - self._dealt))
        self._dealt[index] += 1
        return index


def _person(
    rng: np.random.Generator,
    plan: QueuePlan,
    site: SitePlan,
    contract: Contract,
    month: MonthPlan,
    *,
    number: int,
    personnel: int,
) -> PersonPlan:
    is_woman = bool(rng.random() < WOMEN)
    limit = _limit(number) if plan.has_limits and contract is plan.contracts[0] else ""
    is_woman = is_woman or limit == "pregnant"
    last, first, middle = full_name(rng, is_woman=is_woman)
    is_minor = limit == "minor"
    experience_days = int(rng.integers(40, 240 if is_minor else 2400))
    return PersonPlan(
        personnel_number=f"{personnel:06d}",
        last_name=last,
        first_name=first,
        middle_name=middle,
        site=site.code,
        department="",
        position=AGENT if is_minor or rng.random() > 0.12 else SENIOR,  # noqa: PLR2004 - one in eight
        hired_on=month.first - dt.timedelta(days=45 + experience_days),
        weekly_minutes=REDUCED_WEEK if limit in {"minor", "disabled"} else contract.weekly_minutes,
        max_shift_minutes=MINOR_SHIFT if limit in {"minor", "disabled"} else None,
        night_consent=not limit and (contract.cycle_days > 0 or bool(rng.random() < 0.9)),  # noqa: PLR2004 - nine in ten
        overtime_consent=not limit and bool(rng.random() < 0.35),  # noqa: PLR2004 - a third agrees
        queue=plan.code,
        rule=contract.rule,
        productivity=round(float(np.clip(rng.normal(1.0, 0.07), 0.8, 1.2)), 3),
        limits=(limit,) if limit else (),
        skills=_skills(rng, plan),
        absences=absences_of(rng, month.first, is_minor=is_minor),
    )


def _limit(number: int) -> str:
    turn, rest = divmod(number, LIMIT_EVERY)
    return LIMITS[turn % len(LIMITS)] if rest == 0 else ""


def _skills(rng: np.random.Generator, plan: QueuePlan) -> tuple[tuple[str, int], ...]:
    own = [(skill, int(rng.integers(2, 6))) for skill in plan.skills]
    return (*own, ("english", int(rng.integers(1, 6)))) if rng.random() < 0.2 else tuple(own)  # noqa: PLR2004 - one in five


def _placed(
    person: PersonPlan, plan: QueuePlan, contract: Contract, others: Sequence[PersonPlan]
) -> PersonPlan:
    """Give the next free place in the site's teams, and the next turn of a cycle."""
    at_site = sum(other.site == person.site for other in others)
    by_rule = sum(other.rule == person.rule for other in others)
    return replace(
        person,
        department=f"{plan.department}-{person.site}-{at_site // TEAM_SIZE + 1}",
        phase=by_rule % contract.cycle_days if contract.cycle_days else 0,
    )
