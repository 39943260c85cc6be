"""What 1C says of people, turned into what is wanted of employees."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apps.integrations.selectors.people import find_employees, folded
from apps.integrations.services.personnel.options import LOGIN, PERSONNEL_NUMBER, PersonnelOptions
from apps.integrations.services.personnel.zones import zone_of_city
from apps.organization.types import (
    WantedDepartment,
    WantedNamed,
    WantedPerson,
    WantedSite,
    WantedStructure,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.integrations.selectors.people import Employees
    from apps.integrations.wire.onec.people import OneCPerson, PersonnelAnswer

ATTRIBUTES = {PERSONNEL_NUMBER: "personnel_number", LOGIN: "user__username"}
DAYS = ("hired_on", "dismissed_on", "placed_from", "norm_from")


@dataclass(frozen=True)
class Wanted:
    """Everybody of an answer as wanted, with balances of leave by key."""

    people: tuple[WantedPerson, ...]
    structure: WantedStructure
    balances: Mapping[str, Mapping[dt.date, Decimal]]


def wanted_of(
    answer: PersonnelAnswer, options: PersonnelOptions, connection_id: int, zone_name: str
) -> Wanted:
    """Find who of the answer is which employee, and say what is wanted of them."""
    employees = find_employees(
        connection_id,
        [person.agent_id for person in answer.people],
        attribute=ATTRIBUTES.get(options.match_by, ""),
        values=[_attribute(person, options) for person in answer.people],
        ignore_case=options.ignore_case,
    )
    people = []
    taken = set(employees.links.values())
    for person in answer.people:
        employee_id = _find(person, employees, options, taken)
        if employee_id is not None:
            taken.add(employee_id)
        people.append(_wanted(person, employee_id, employees, options))
    return Wanted(
        people=tuple(people),
        structure=_structure(answer, options, zone_name),
        balances={
            person.agent_id: {balance.day: balance.days for balance in person.balances}
            for person in answer.people
            if person.balances
        },
    )


def vanished_person(external_id: str, employee_id: int, today: dt.date) -> WantedPerson:
    """Say that somebody whom 1C names no more has today as the last working day."""
    return WantedPerson(key=external_id, employee_id=employee_id, dismissed_on=today, is_dismissal_said=True)


def as_json(person: WantedPerson) -> dict[str, Any]:
    """Give what is wanted as JSON, without what is not said."""
    return {name: value for name, value in vars(person).items() if value is not None}


def from_json(data: Mapping[str, Any]) -> WantedPerson:
    facts = dict(data)
    for name in DAYS:
        if facts.get(name):
            facts[name] = dt.date.fromisoformat(str(facts[name]))
    if facts.get("rate") is not None:
        facts["rate"] = Decimal(str(facts["rate"]))
    return WantedPerson(**facts)


def structure_as_json(structure: WantedStructure) -> dict[str, Any]:
    return asdict(structure)


def structure_from_json(data: Mapping[str, Any]) -> WantedStructure:
    plain = {name: data[name] for name in data if name.startswith("default_")}
    return WantedStructure(
        departments=tuple(WantedDepartment(**row) for row in data["departments"]),
        positions=tuple(WantedNamed(**row) for row in data["positions"]),
        sites=tuple(WantedSite(**row) for row in data["sites"]),
        **plain,
    )


def _find(person: OneCPerson, employees: Employees, options: PersonnelOptions, taken: set[int]) -> int | None:
    """Find by link, then external id, then attribute; two of 1C are never one employee of ours."""
    linked = employees.links.get(person.agent_id)
    if linked is not None:
        return linked
    key = folded(_attribute(person, options), ignore_case=options.ignore_case)
    for found in (employees.by_external_id.get(person.agent_id), employees.by_attribute.get(key)):
        if found is not None and found not in taken:
            return found
    return None


def _attribute(person: OneCPerson, options: PersonnelOptions) -> str:
    return {PERSONNEL_NUMBER: person.personnel_number, LOGIN: person.login}.get(options.match_by, "")


def _wanted(
    person: OneCPerson, employee_id: int | None, employees: Employees, options: PersonnelOptions
) -> WantedPerson:
    has_other_id = employee_id is not None and employees.external_ids.get(employee_id) not in {
        "",
        person.agent_id,
    }
    external_id = None if has_other_id else person.agent_id
    if employee_id is not None and not options.is_master:
        return WantedPerson(
            key=person.agent_id, employee_id=employee_id, external_id=external_id, login=person.login or None
        )
    return WantedPerson(
        key=person.agent_id,
        employee_id=employee_id,
        personnel_number=person.personnel_number,
        external_id=external_id,
        last_name=person.last_name,
        first_name=person.first_name,
        middle_name=person.middle_name,
        hired_on=person.hired_on,
        dismissed_on=person.dismissed_on,
        is_dismissal_said=person.says_dismissal,
        department=person.department_id or None,
        position=person.position_id or person.position or None,
        site=person.site or None,
        rate=person.rate,
        weekly_norm_minutes=person.weekly_norm_minutes,
        placed_from=person.position_since,
        norm_from=person.norm_since,
        login=person.login or None,
    )


def _structure(answer: PersonnelAnswer, options: PersonnelOptions, zone_name: str) -> WantedStructure:
    departments = [WantedDepartment(row.department_id, row.name, row.parent_id) for row in answer.departments]
    if not answer.names_departments:
        ids = {person.department_id for person in answer.people if person.department_id}
        departments = [WantedDepartment(key) for key in sorted(ids)]
    positions = {
        person.position_id or person.position: person.position or person.position_id
        for person in reversed(answer.people)
    }
    sites = {person.site for person in answer.people if person.site}
    return WantedStructure(
        departments=tuple(departments),
        positions=tuple(WantedNamed(key, name) for key, name in sorted(positions.items()) if key),
        sites=tuple(
            WantedSite(name, options.site_zones.get(name) or zone_of_city(name) or zone_name)
            for name in sorted(sites)
        ),
        default_department=options.default_department,
        default_position=options.default_position,
        default_site=options.default_site,
        default_zone=zone_name,
    )
