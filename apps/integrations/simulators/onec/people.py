"""The people of this 1C: invented by seed, or given, and changed on demand."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.dates import ONE_DAY, read_day
from apps.integrations.simulators.onec.names import (
    FEMALE_NAMES,
    GROUPS,
    LAST_NAMES,
    MALE_NAMES,
    POSITIONS,
    SITES,
    WEEKS,
)
from apps.integrations.simulators.serving.messages import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT_AFTER_DISMISSAL = dt.timedelta(days=31)
SECOND_JOBS = 0.01
DISMISSED = 0.03


@dataclass(frozen=True)
class Department:
    identifier: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class Person:
    """One employment: `agent_id` names it, a login may have two of them."""

    agent_id: str
    tab_number: str
    last_name: str
    first_name: str
    second_name: str
    hired: dt.date
    dismissed: dt.date | None
    position_id: str
    position: str
    department_id: str
    rate: float = 1.0
    login: str = ""
    week: float = 40.0
    area: str = ""
    position_changed: dt.date | None = None
    spoiled: tuple[tuple[str, Any], ...] = ()

    def is_told(self, today: dt.date) -> bool:
        """Tell whether `agents` has the person: hired already, and gone for a month at most."""
        return self.hired <= today and (
            self.dismissed is None or today <= self.dismissed + KEPT_AFTER_DISMISSAL
        )

    def works_on(self, day: dt.date) -> bool:
        return self.hired <= day and (self.dismissed is None or day <= self.dismissed)


def invent_departments() -> list[Department]:
    """Give two levels: sites, and groups in each."""
    found = []
    for number, site in enumerate(SITES, 1):
        root = f"{number:09}"
        found.append(Department(root, f"Контактный центр, {site}"))
        found.extend(
            Department(f"{number:05}{place:04}", f"{group} ({site})", root)
            for place, group in enumerate(GROUPS, 1)
        )
    return found


def invent_people(
    count: int, departments: Iterable[Department], *, seed: int, today: dt.date, first: int = 1
) -> list[Person]:
    """Invent `count` employments with personnel numbers from `first` on, the same ones for the same seed.

    A few were dismissed lately, a few have a second job under the same login.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    groups = [department for department in departments if department.parent]
    names = {department.identifier: department.name for department in departments}
    people: list[Person] = []
    for number in range(first, first + count):
        if people and chance.random() < SECOND_JOBS:
            people.append(_second_job(chance.choice(people), number, chance))
            continue
        group = chance.choice(groups)
        people.append(_person(number, group, names[group.parent].rpartition(", ")[2], chance, today))
    return people


def _person(number: int, group: Department, area: str, chance: random.Random, today: dt.date) -> Person:
    is_female = chance.random() < 0.7  # noqa: PLR2004 - as in real contact centres
    first, second = chance.choice(FEMALE_NAMES if is_female else MALE_NAMES)
    last = chance.choice(LAST_NAMES) + ("а" if is_female else "")
    hired = today - dt.timedelta(days=chance.randrange(2, 3000))
    dismissed = None
    if chance.random() < DISMISSED:
        dismissed = max(hired, today - dt.timedelta(days=chance.randrange(1, 25)))
    position_id, position = chance.choice(POSITIONS)
    week = chance.choice(WEEKS)
    return Person(
        agent_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        tab_number=_tab_number(number),
        last_name=last,
        first_name=first,
        second_name=second if chance.random() < 0.95 else "",  # noqa: PLR2004 - some have none
        hired=hired,
        dismissed=dismissed,
        position_id=position_id,
        position=position,
        department_id=group.identifier,
        rate=week / 40 if week == 20 else 1.0,  # noqa: PLR2004 - half of the rate, half of the week
        login=f"agent{number:05}",
        week=week,
        area=area,
        position_changed=hired + ONE_DAY if chance.random() < 0.2 else None,  # noqa: PLR2004
    )


def _second_job(person: Person, number: int, chance: random.Random) -> Person:
    return replace(
        person,
        agent_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        tab_number=_tab_number(number),
        rate=0.5,
        week=20.0,
    )


def _tab_number(number: int) -> str:
    """Give digits with zeros in front, or in two parts: text, never a number."""
    return f"{number // 1000 + 10}-{number % 1000:03}" if number % 10 == 0 else f"{number:06}"


def person_of(row: dict[str, Any]) -> Person:
    """Read a person as control paths and files give it; raises `BadRequestError`."""
    try:
        hired = read_day(row["startwork"], "startwork")
        finish = row.get("finishwork")
        return Person(
            agent_id=str(row["agentId"]),
            tab_number=str(row["tabN"]),
            last_name=str(row["lastname"]),
            first_name=str(row["firstname"]),
            second_name=str(row.get("secondname", "")),
            hired=hired,
            dismissed=read_day(finish, "finishwork") if finish else None,
            position_id=str(row.get("positionId", "0001")),
            position=str(row.get("position", "Оператор")),
            department_id=str(row["departmentId"]),
            rate=float(row.get("rate", 1)),
            login=str(row.get("Login", "")),
            week=float(row.get("normWeek", 40)),
            area=str(row.get("area", "")),
        )
    except KeyError as missing:
        raise BadRequestError(f"A person needs {missing}.") from missing
