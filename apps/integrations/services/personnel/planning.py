"""What a run would change of people, as rows for whoever decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder as Encoder
from django.db import connection

from apps.integrations.choices import ChangeOutcome, PersonAction
from apps.integrations.models import PlannedChange
from apps.integrations.services.personnel.wanting import as_json
from apps.workcalendar.services.balances import known_balances

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apps.integrations.services.personnel.wanting import Wanted
    from apps.integrations.wire.onec.people import BadRow
    from apps.organization.types import PersonnelPlan, Problem, WantedPerson

BALANCE_FIELD = "balance "
PLAIN = ("external_id", "action", "name", "personnel_number")
INSERT = """
INSERT INTO integrations_plannedchange
  (run_id, external_id, action, name, personnel_number, employee_id, fields, wanted, has_vanished, outcome,
   reason)
SELECT %(run)s, external_id, action, name, personnel_number, employee_id, fields, wanted, has_vanished,
  %(outcome)s, ''
FROM jsonb_to_recordset(%(rows)s::jsonb) AS told (
  external_id text, action text, name text, personnel_number text, employee_id bigint, fields jsonb,
  wanted jsonb, has_vanished boolean)
"""


def changes_of(
    run_id: int, plan: PersonnelPlan, wanted: Wanted, gone: Mapping[str, WantedPerson]
) -> list[PlannedChange]:
    """Give a row for each person who would change, or whose balances of leave would. One query."""
    by_key = {person.key: person for person in wanted.people} | dict(gone)
    known = known_balances([person.employee_id for person in plan.people if person.employee_id is not None])
    rows = []
    for person in plan.people:
        balances = wanted.balances.get(person.key, {})
        there = known.get(person.employee_id, {}) if person.employee_id is not None else {}
        other = {day: days for day, days in balances.items() if there.get(day) != days}
        if person.action == "none" and not other:
            continue
        fields: dict[str, Sequence[str]] = dict(person.fields)
        for day, days in other.items():
            old = there.get(day)
            fields[f"{BALANCE_FIELD}{day.isoformat()}"] = ("" if old is None else str(old), str(days))
        rows.append(
            PlannedChange(
                run_id=run_id,
                external_id=person.key,
                action=PersonAction.BALANCE if person.action == "none" else person.action,
                name=person.name,
                personnel_number=person.personnel_number,
                employee_id=person.employee_id,
                fields=fields,
                wanted=as_json(by_key[person.key]),
                has_vanished=person.key in gone,
            )
        )
    return rows


def store_changes(run_id: int, changes: Sequence[PlannedChange]) -> None:
    """Keep the rows of a run in place of those of an earlier try, in one statement.

    It is written out: as arrays, which is what the ORM makes of many rows, JSON takes twenty times as long.
    """
    PlannedChange.objects.filter(run=run_id).delete()
    rows = [
        {name: getattr(change, name) for name in (*PLAIN, "employee_id", "fields", "wanted", "has_vanished")}
        for change in changes
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT, {"run": run_id, "outcome": ChangeOutcome.WAITING, "rows": json.dumps(rows, cls=Encoder)}
        )


def bad_row_problems(rows: Iterable[BadRow]) -> list[dict[str, str]]:
    """Tell of rows that could not be read, as a run keeps its problems."""
    return [{"subject": row.subject, "field": row.field, "reason": str(row.reason)} for row in rows]


def problem_rows(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Tell of people who could not be planned or applied, as a run keeps its problems."""
    return [{"subject": one.subject, "field": one.field, "reason": one.reason} for one in problems]
