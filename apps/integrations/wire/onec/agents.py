"""`GET /agents/{start}/{end}` of the dialect `zup`: an array with one object of departments and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect
from apps.integrations.errors import ConfigurationError
from apps.integrations.wire.onec.fields import FieldError, Row
from apps.integrations.wire.onec.people import (
    BadRow,
    OneCBalance,
    OneCDepartment,
    OneCPerson,
    PersonnelAnswer,
)
from apps.integrations.wire.onec.reading_rows import (
    ID_CHARS,
    NAME_CHARS,
    NUMBER_CHARS,
    OTHER_DIALECT,
    TITLE_CHARS,
    doubts_of,
    read_people,
    refuse_shape,
    week_minutes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_RATE = 9
MOST_BALANCE_DAYS = 9999
DEPARTMENTS, AGENTS = "AR_departments", "AR_agents"

NO_DEPARTMENTS = gettext_noop("The answer has no departments.")
NO_LIST = gettext_noop("The answer has no list %(name)s.")
UNLISTED = gettext_noop("People whose department is not in the answer: %(count)s.")
NO_PARENT = gettext_noop("Its parent %(parent)s is not in the answer.")


def read_agents(body: Any) -> PersonnelAnswer:
    """Read the parsed JSON of an answer.

    Raises `ConfigurationError` for an answer in the other dialect and `PoisonError` for one that is
    something else altogether. Rows that cannot be read are told and skipped.
    """
    parts = _parts(body)
    doubts = [
        Phrase(NO_LIST, {"name": name})
        for name in (DEPARTMENTS, AGENTS)
        if not any(isinstance(part.raw(name), list) for part in parts)
    ]
    departments, bad_departments = _departments(_joined(parts, DEPARTMENTS))
    people, bad_people = read_people(_joined(parts, AGENTS), _person, id_name="agentId")
    doubts += doubts_of(people, bad_people)
    if not departments:
        doubts.append(Phrase(NO_DEPARTMENTS))
    listed = {department.department_id for department in departments}
    strays = sum(person.department_id not in listed for person in people)
    if strays and departments:
        doubts.append(Phrase(UNLISTED, {"count": strays}))
    return PersonnelAnswer(
        people=tuple(people),
        departments=tuple(departments),
        bad_rows=(*bad_departments, *bad_people),
        incomplete=tuple(doubts),
    )


def is_zup(body: Any) -> bool:
    """Tell whether this looks like an answer of this dialect."""
    parts = body if isinstance(body, list) else [body]
    return any(isinstance(part, dict) and Row(part).has(AGENTS) for part in parts)


def _parts(body: Any) -> list[Row]:
    """Give the objects of the array; one object without an array around it is taken as well."""
    parts = [body] if isinstance(body, dict) else body
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise refuse_shape(f"[{{{DEPARTMENTS}, {AGENTS}}}]")
    rows = [Row(part) for part in parts]
    if rows and not any(row.has(AGENTS) or row.has(DEPARTMENTS) for row in rows):
        if rows[0].has("agent_id"):
            told = {"found": Dialect.GATEWAY.value, "wanted": Dialect.ZUP.value}
            raise ConfigurationError(Phrase(OTHER_DIALECT, told))
        raise refuse_shape(f"[{{{DEPARTMENTS}, {AGENTS}}}]")
    return rows


def _joined(parts: Sequence[Row], name: str) -> list[Any]:
    lists = [part.raw(name) for part in parts]
    return [item for items in lists if isinstance(items, list) for item in items]


def _departments(items: Sequence[Any]) -> tuple[list[OneCDepartment], list[BadRow]]:
    found: dict[str, OneCDepartment] = {}
    bad: list[BadRow] = []
    for item in items:
        row = Row(item if isinstance(item, dict) else {})
        try:
            department = OneCDepartment(
                department_id=row.text("departmentId", most=ID_CHARS, required=True),
                name=row.text("department", most=TITLE_CHARS),
                parent_id=row.text("parentDepartmentId", most=ID_CHARS),
            )
        except FieldError as error:
            bad.append(BadRow(DEPARTMENTS, error.field, error.reason))
            continue
        found.setdefault(department.department_id, department)
    for department in found.values():
        if department.parent_id and department.parent_id not in found:
            reason = Phrase(NO_PARENT, {"parent": department.parent_id})
            bad.append(BadRow(department.department_id, "parentDepartmentId", reason))
    return list(found.values()), bad


def _person(row: Row) -> OneCPerson:
    return OneCPerson(
        agent_id=row.text("agentId", most=ID_CHARS, required=True),
        personnel_number=row.text("tabN", most=NUMBER_CHARS, required=True),
        last_name=row.text("lastname", most=NAME_CHARS, required=True),
        first_name=row.text("firstname", most=NAME_CHARS, required=True),
        middle_name=row.text("secondname", most=NAME_CHARS),
        hired_on=row.day("startwork", required=True),
        dismissed_on=row.day("finishwork"),
        position_id=row.text("positionId", most=ID_CHARS, required=True),
        position=row.text("position", most=TITLE_CHARS, required=True),
        position_since=row.day("positionChangeDate"),
        department_id=row.text("departmentId", most=ID_CHARS, required=True),
        rate=row.number("rate", least=0, most=MOST_RATE),
        login=row.text("Login", most=150),
        weekly_norm_minutes=week_minutes(row, "normWeek", required=True),
        norm_since=row.day("normWeekChangeDate"),
        site=row.text("area", most=TITLE_CHARS),
        balances=_balances(row),
    )


def _balances(row: Row) -> tuple[OneCBalance, ...]:
    found = {}
    for part in row.rows("AR_vacation"):
        day = part.day("date", required=True)
        days = part.number("vacation", least=-MOST_BALANCE_DAYS, most=MOST_BALANCE_DAYS)
        if day is not None and days is not None:
            found[day] = OneCBalance(day, days)
    return tuple(found[day] for day in sorted(found))
