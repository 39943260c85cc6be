"""Sites, departments, people, queues."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.organization.models import (
    Department,
    DeputyPeriod,
    Employee,
    EmployeeSkill,
    EmploymentTerms,
    OpeningHours,
    PersonalLimit,
    Position,
    Queue,
    QueueMembership,
    Service,
    Site,
    Skill,
)
from tests.factories.sequence import next_number

if TYPE_CHECKING:
    from collections.abc import Iterable

HIRED = dt.date(2024, 1, 9)


def make_site(**facts: Any) -> Site:
    number = next_number()
    facts = {"code": f"site-{number}", "name": f"Site {number}", "time_zone": "Europe/Moscow"} | facts
    return Site.objects.create(**facts)


def make_department(parent: Department | None = None, **facts: Any) -> Department:
    number = next_number()
    facts = {"code": f"dep-{number}", "name": f"Department {number}"} | facts
    return Department.objects.create(parent=parent, **facts)


def make_deputy(department: Department, employee: Employee, first: dt.date, last: dt.date) -> DeputyPeriod:
    return DeputyPeriod.objects.create(
        department=department, employee=employee, valid_from=first, valid_to=last
    )


def make_position(**facts: Any) -> Position:
    return Position.objects.create(**({"name": f"Operator {next_number()}"} | facts))


def make_employee(**facts: Any) -> Employee:
    """Make a person with terms since the hire day; keywords of `EmploymentTerms` go there."""
    number = next_number()
    own = {
        "personnel_number": f"{number:06d}",
        "last_name": f"Фамилия{number:05d}",
        "first_name": "Анна",
        "middle_name": "Ивановна",
        "hired_on": HIRED,
    }
    names = {field.name for field in Employee._meta.fields}
    own |= {name: facts.pop(name) for name in list(facts) if name in names}
    employee = Employee.objects.create(**own)
    make_terms(employee, **({"valid_from": employee.hired_on, "valid_to": employee.dismissed_on} | facts))
    return employee


def make_terms(employee: Employee, **facts: Any) -> EmploymentTerms:
    for name, make in (("site", make_site), ("department", make_department), ("position", make_position)):
        if name not in facts:
            facts[name] = make()
    return EmploymentTerms.objects.create(employee=employee, **({"valid_from": HIRED} | facts))


def make_limit(employee: Employee, kind: str, **facts: Any) -> PersonalLimit:
    return PersonalLimit.objects.create(employee=employee, kind=kind, **({"valid_from": HIRED} | facts))


def make_skill(code: str = "", employee: Employee | None = None, proficiency: int = 3) -> Skill:
    code = code or f"skill-{next_number()}"
    skill, _created = Skill.objects.get_or_create(code=code, defaults={"name": code})
    if employee is not None:
        EmployeeSkill.objects.create(employee=employee, skill=skill, proficiency=proficiency)
    return skill


def make_service(**facts: Any) -> Service:
    number = next_number()
    return Service.objects.create(**({"code": f"service-{number}", "name": f"Service {number}"} | facts))


def make_queue(**facts: Any) -> Queue:
    number = next_number()
    facts = {"code": f"queue-{number}", "name": f"Queue {number}"} | facts
    if "service" not in facts:
        facts["service"] = make_service()
    return Queue.objects.create(**facts)


def make_opening_hours(
    queue: Queue, opens_minute: int = 540, closes_minute: int = 1080, weekdays: Iterable[int] = range(5)
) -> list[OpeningHours]:
    return [
        OpeningHours.objects.create(
            queue=queue, weekday=weekday, opens_minute=opens_minute, closes_minute=closes_minute
        )
        for weekday in weekdays
    ]


def make_member(queue: Queue, employee: Employee | None = None, **facts: Any) -> QueueMembership:
    """Make somebody (a new person unless given) a member of `queue`."""
    employee = employee or make_employee()
    return QueueMembership.objects.create(
        queue=queue, employee=employee, **({"valid_from": employee.hired_on} | facts)
    )
