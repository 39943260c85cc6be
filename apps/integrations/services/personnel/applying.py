"""Apply the planned changes of a run: people, links, balances of leave, and what became of each row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import OuterRef, Subquery

from apps.core import clock
from apps.core.events import emit
from apps.integrations.choices import ChangeOutcome
from apps.integrations.models import PersonLink, PlannedChange, Run
from apps.integrations.services.personnel.options import read_options
from apps.integrations.services.personnel.planning import BALANCE_FIELD, problem_rows
from apps.integrations.services.personnel.wanting import from_json, structure_from_json
from apps.organization.services.personnel import apply_people
from apps.workcalendar.services.balances import store_balances

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.accounts.models import User
    from apps.organization.types import PersonnelOutcome

REASON_CHARS = 300


@dataclass(frozen=True)
class Applied:
    """What became of a plan."""

    counts: dict[str, int]
    problems: list[dict[str, Any]]


@transaction.atomic
def apply_changes(
    run_id: int,
    changes: Sequence[PlannedChange],
    sofar: Applied,
    *,
    approved_by: User | None,
    with_vanished: bool,
) -> Applied:
    """Write what the plan says, under locks and compared anew with what is there.

    Whoever has changed since the plan was made is refused by name. `with_vanished` false leaves those alone
    whom the answer did not name. `sofar` is what the run has counted and refused before. A constant number of
    queries; the figures are kept with the changes, so that a run that dies afterwards does not lose them.
    """
    run = Run.objects.select_related("connection").get(pk=run_id)
    connection = run.connection
    chosen = [row for row in changes if with_vanished or not row.has_vanished]
    outcome = apply_people(
        [from_json(row.wanted) for row in chosen],
        structure_from_json(run.plan["structure"]),
        actor=None,
        approved_by=approved_by,
        today=clock.now().astimezone(ZoneInfo(connection.time_zone)).date(),
        source=f"{connection.code} run {run_id}",
        expected={row.external_id: _card_fields(row) for row in chosen},
        create_accounts=read_options(connection.options, run.options).create_accounts,
    )
    link_people(connection.pk, outcome.employee_ids)
    balances = store_balances(_balances(chosen, outcome.employee_ids), source=connection.code)
    if changes:
        _note(run, outcome, with_vanished=with_vanished)
    counts = {
        "created": outcome.created,
        "updated": outcome.updated,
        "deactivated": outcome.dismissed,
        "balances": balances,
        "refused": sofar.counts.get("refused", 0) + len(outcome.problems),
    }
    applied = Applied(sofar.counts | counts, [*sofar.problems, *problem_rows(outcome.problems)])
    Run.objects.filter(pk=run_id).update(
        plan={**run.plan, "applied": True}, counts=applied.counts, problems=applied.problems
    )
    if outcome.changed_ids:
        emit(
            "personnel.changed",
            aggregate="integrations.run",
            aggregate_id=run_id,
            data={
                "connection": connection.code,
                "created": outcome.created,
                "updated": outcome.updated,
                "deactivated": outcome.dismissed,
                "employees": outcome.changed_ids,
            },
            actor=approved_by,
        )
    return applied


def decline_changes(run_id: int) -> None:
    """Note that nothing of a plan was applied."""
    PlannedChange.objects.filter(run=run_id).update(outcome=ChangeOutcome.DECLINED)


def link_people(connection_id: int, employee_ids: Mapping[str, int]) -> int:
    """Link ids of a connection to employees; give how many were new. Two queries."""
    known = dict(
        PersonLink.objects.filter(connection=connection_id).values_list("external_id", "employee_id")
    )
    employees = set(known.values())
    rows = [
        PersonLink(connection_id=connection_id, employee_id=employee_id, external_id=external_id)
        for external_id, employee_id in employee_ids.items()
        if external_id not in known and employee_id not in employees
    ]
    if rows:
        PersonLink.objects.bulk_create(rows)
    return len(rows)


def _card_fields(row: PlannedChange) -> dict[str, tuple[str, str]]:
    return {
        name: (told[0], told[1]) for name, told in row.fields.items() if not name.startswith(BALANCE_FIELD)
    }


def _balances(
    rows: Sequence[PlannedChange], employee_ids: Mapping[str, int]
) -> dict[int, dict[dt.date, Decimal]]:
    return {
        employee_ids[row.external_id]: {
            dt.date.fromisoformat(name.removeprefix(BALANCE_FIELD)): Decimal(told[1])
            for name, told in row.fields.items()
            if name.startswith(BALANCE_FIELD)
        }
        for row in rows
        if row.external_id in employee_ids
    }


def _note(run: Run, outcome: PersonnelOutcome, *, with_vanished: bool) -> None:
    """Write what became of each row: all but the refused and the spared were applied."""
    rows = PlannedChange.objects.filter(run=run)
    refused = {problem.subject: problem.reason for problem in outcome.problems}
    links = PersonLink.objects.filter(connection=run.connection_id, external_id=OuterRef("external_id"))
    rows.update(outcome=ChangeOutcome.APPLIED)
    rows.filter(employee=None).update(employee=Subquery(links.values("employee")))
    if not with_vanished:
        rows.filter(has_vanished=True).update(outcome=ChangeOutcome.DECLINED)
    spared = list(rows.filter(external_id__in=refused).exclude(outcome=ChangeOutcome.DECLINED))
    for row in spared:
        row.outcome, row.reason = ChangeOutcome.REFUSED, refused[row.external_id][:REASON_CHARS]
    if spared:
        PlannedChange.objects.bulk_update(spared, ["outcome", "reason"])
