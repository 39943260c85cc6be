"""Employees by number or id into the personnel service, in bounded parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.accounts.policies import today
from apps.core.phrases import Phrase
from apps.integrations.wire.argus.columns import EMPLOYEES
from apps.organization.models import Employee
from apps.organization.services.personnel import apply_people, plan_people
from apps.organization.types import WantedPerson, WantedStructure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.integrations.services.argus.work import Numbered, Work
    from apps.integrations.wire.argus.rows import EmployeeRow
    from apps.organization.types import Problem

PEOPLE_AT_ONCE = 5_000
"""Of one transaction."""
STRUCTURE = WantedStructure()
"""Departments, positions and sites are found by external id, code or name; none is made."""
_COLUMNS = {"weekly_norm_minutes": "weekly_hours"}


def load_employees(rows: Sequence[Numbered[EmployeeRow]], work: Work) -> None:
    """Create, change and dismiss the people of the rows; who is not named stays as they are.

    A person is known by the personnel number, else by the external id; a row that names two people, or one
    that another row named, is refused. Each part of the file is a transaction of its own.
    """
    made = work.notes.setdefault("people", {"created": 0, "updated": 0, "dismissed": 0})
    lines: dict[int | str, int] = {}
    for begin in range(0, len(rows), PEOPLE_AT_ONCE):
        work.tell(begin, len(rows))
        wanted = list(_wanted(rows[begin : begin + PEOPLE_AT_ONCE], lines, work))
        for name, count in (_plan(wanted, work) if work.dry_run else _apply(wanted, work)).items():
            made[name] += count
            work.loaded += count
    work.tell(len(rows), len(rows))


def _apply(wanted: list[WantedPerson], work: Work) -> dict[str, int]:
    done = apply_people(wanted, STRUCTURE, actor=work.actor, today=today(), source=work.source)
    _tell(done.problems, work)
    work.unchanged += done.unchanged
    return {"created": done.created, "updated": done.updated, "dismissed": done.dismissed}


def _plan(wanted: list[WantedPerson], work: Work) -> dict[str, int]:
    plan = plan_people(wanted, STRUCTURE, today=today())
    _tell(plan.problems, work)
    actions = [person.action for person in plan.people]
    work.unchanged += actions.count("none")
    names = {"created": "create", "updated": "update", "dismissed": "dismiss"}
    return {name: actions.count(action) for name, action in names.items()}


def _tell(problems: Sequence[Problem], work: Work) -> None:
    for problem in problems:
        column = _COLUMNS.get(problem.field, problem.field)
        line = int(problem.subject) if problem.subject.isdigit() else 0
        work.report.add(line, column if column in EMPLOYEES else "", Phrase.plain(problem.reason))


def _wanted(
    rows: Sequence[Numbered[EmployeeRow]], lines: dict[int | str, int], work: Work
) -> Iterator[WantedPerson]:
    by_number = _known("personnel_number", {item.row.person.personnel_number for item in rows})
    by_id = _known("external_id", {item.row.person.external_id for item in rows})
    for item in rows:
        person = item.row.person
        found = {by_number.get(person.personnel_number), by_id.get(person.external_id)} - {None}
        if len(found) > 1:
            reason = Phrase(_("The number and the id belong to different people."))
            work.report.add(item.line, "external_id", reason, person.external_id)
            continue
        employee_id = next(iter(found), None)
        first = lines.setdefault(employee_id or str(person), item.line)
        if first != item.line:
            work.report.add(item.line, "", Phrase(_("It repeats line %(line)d."), {"line": first}))
            continue
        yield _person(item, employee_id)


def _known(name: str, values: set[str]) -> dict[str, int]:
    values.discard("")
    if not values:
        return {}
    rows = Employee.objects.filter(**{f"{name}__in": values}).values_list(name, "pk")
    return dict(rows)


def _person(item: Numbered[EmployeeRow], employee_id: int | None) -> WantedPerson:
    row = item.row
    return WantedPerson(
        key=str(item.line),
        employee_id=employee_id,
        personnel_number=row.person.personnel_number or None,
        external_id=row.person.external_id or None,
        last_name=row.last_name,
        first_name=row.first_name,
        middle_name=row.middle_name,
        hired_on=row.hired_on,
        dismissed_on=row.dismissed_on,
        is_dismissal_said=row.is_dismissal_said,
        department=row.department,
        position=row.position,
        site=row.site,
        rate=row.rate,
        weekly_norm_minutes=row.weekly_minutes,
        time_zone=row.time_zone,
        login=row.login,
    )
