"""A run that asks 1C for everybody, makes a plan of changes, and applies it or leaves it to a person."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.accounts.selectors import acting_user
from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import RunState, System
from apps.integrations.models import Run
from apps.integrations.registry import run_purpose
from apps.integrations.selectors.people import linked_at_work
from apps.integrations.services.access import access_of
from apps.integrations.services.personnel.applying import (
    Applied,
    apply_changes,
    decline_changes,
    link_people,
)
from apps.integrations.services.personnel.options import ASK, read_options
from apps.integrations.services.personnel.planning import (
    bad_row_problems,
    changes_of,
    problem_rows,
    store_changes,
)
from apps.integrations.services.personnel.wanting import structure_as_json, vanished_person, wanted_of
from apps.integrations.services.runs import finish, wait_for_person
from apps.integrations.wire.onec.calls import fetch_agents
from apps.organization.services.personnel import plan_people

if TYPE_CHECKING:
    from apps.integrations.models import PlannedChange
    from apps.integrations.services.personnel.options import PersonnelOptions
    from apps.integrations.types import Access, RunInHand
    from apps.integrations.wire.onec.people import PersonnelAnswer
    from apps.organization.types import WantedPerson

PERSONNEL = "onec.personnel"
ASKING = gettext_noop("Asking 1C for the people")
COMPARING = gettext_noop("Comparing %(count)s people")
APPLYING = gettext_noop("Applying the changes")
SUPERSEDED = gettext_noop("A newer run has made a plan of its own.")
SHOWN_FIRST = gettext_noop("The plan waits to be approved.")
VANISHED = gettext_noop(
    "%(gone)s of %(all)s people are not in the answer any more (%(percent)s %%; the limit is %(limit)s %%): "
    "nobody is dismissed until you decide."
)
DOUBTFUL = gettext_noop(
    "%(gone)s people are not in the answer, and the answer does not look whole (%(doubt)s): nobody is "
    "dismissed until you decide."
)
PERCENT = 100


@run_purpose(PERSONNEL, system=System.ONEC, label=_("Personnel from 1C"))
def reconcile(run: RunInHand) -> None:
    """Take over the people of 1C, or leave the plan to a person. Safe to repeat after a kill.

    Raises the `ExchangeError` family when 1C does not answer well.
    """
    if _is_applied(run):
        return
    access = access_of(run.connection_id)
    options = read_options(access.options, run.options)
    today = clock.now().astimezone(ZoneInfo(access.time_zone)).date()
    run.progress(0.05, Phrase(ASKING))
    answer = fetch_agents(access, *_balance_days(today, run), session_id=run.session_id)
    run.check_cancelled()
    run.progress(0.4, Phrase(COMPARING, {"count": len(answer.people)}))
    changes = _plan(run, access, answer, options, today)
    run.check_cancelled()
    reason = _why_wait(run, answer, changes, options)
    if reason is not None:
        wait_for_person(run, Run.objects.values_list("plan", flat=True).get(pk=run.run_id), reason)
        return
    run.progress(0.7, Phrase(APPLYING))
    applied = apply_changes(
        run.run_id,
        changes,
        Applied(run.counts, run.problems),
        approved_by=acting_user(run.actor_id),
        with_vanished=True,
    )
    run.counts, run.problems = applied.counts, applied.problems


def _plan(
    run: RunInHand, access: Access, answer: PersonnelAnswer, options: PersonnelOptions, today: dt.date
) -> list[PlannedChange]:
    """Compare and keep what would change; the plan of an earlier try of this run goes."""
    wanted = wanted_of(answer, options, run.connection_id, access.time_zone)
    gone = _gone(run, answer, wanted.people, today) if options.is_master else []
    plan = plan_people([*wanted.people, *gone], wanted.structure, today=today)
    changes = changes_of(run.run_id, plan, wanted, {person.key: person for person in gone})
    run.problems.extend(bad_row_problems(answer.bad_rows))
    run.problems.extend(problem_rows(plan.problems))
    run.counts["people"] = len(answer.people) + sum(bool(row.agent_id) for row in answer.bad_rows)
    run.counts["refused"] = len({problem["subject"] for problem in run.problems})
    run.counts["unchanged"] = len(plan.people) - len(changes)
    kept = {
        "structure": structure_as_json(wanted.structure),
        "structure_changes": [
            {"kind": row.kind, "name": row.name, "action": row.action, "fields": dict(row.fields)}
            for row in plan.structure
        ],
    }
    changing = {row.external_id for row in changes}
    same = {
        person.key: person.employee_id
        for person in plan.people
        if person.employee_id is not None and person.key not in changing
    }
    with transaction.atomic():
        _supersede(run)
        store_changes(run.run_id, changes)
        link_people(run.connection_id, same)
        Run.objects.filter(pk=run.run_id).update(plan=kept)
    return changes


def _supersede(run: RunInHand) -> None:
    """Close older plans of the connection that still wait: this one says what is so now."""
    for older in Run.objects.filter(
        connection=run.connection_id, purpose=run.purpose, state=RunState.WAITING
    ).exclude(pk=run.run_id):
        decline_changes(older.pk)
        finish(older, RunState.CANCELLED, reason=Phrase(SUPERSEDED))


def _gone(
    run: RunInHand, answer: PersonnelAnswer, people: tuple[WantedPerson, ...], today: dt.date
) -> list[WantedPerson]:
    """Give who was known to this connection, is at work, and is not named any more."""
    at_work = linked_at_work(run.connection_id)
    wanted = {person.employee_id for person in people}
    gone = [
        vanished_person(external_id, employee_id, today)
        for external_id, employee_id in sorted(at_work.items())
        if external_id not in answer.named and employee_id not in wanted
    ]
    run.counts["at_work"] = len(at_work)
    run.counts["vanished"] = len(gone)
    return gone


def _why_wait(
    run: RunInHand, answer: PersonnelAnswer, changes: list[PlannedChange], options: PersonnelOptions
) -> Phrase | None:
    """Give why a person has to decide; nothing where the plan may be applied at once."""
    gone, everybody = run.counts.get("vanished", 0), run.counts.get("at_work", 0)
    if gone and answer.incomplete:
        return Phrase(DOUBTFUL, {"gone": gone, "doubt": answer.incomplete[0]})
    share = PERCENT * gone / everybody if everybody else 0.0
    if gone and share >= options.vanish_limit_percent:
        told: dict[str, str | int | float | Phrase] = {
            "gone": gone,
            "all": everybody,
            "percent": f"{share:.1f}",
            "limit": f"{options.vanish_limit_percent:g}",
        }
        return Phrase(VANISHED, told)
    return Phrase(SHOWN_FIRST) if changes and options.apply == ASK else None


def _is_applied(run: RunInHand) -> bool:
    """Tell whether an earlier try of this run, which died later, has applied its plan; take its figures."""
    plan, counts, problems = Run.objects.values_list("plan", "counts", "problems").get(pk=run.run_id)
    if not plan.get("applied"):
        return False
    run.counts.update(counts)
    run.problems.extend(problems)
    return True


def _balance_days(today: dt.date, run: RunInHand) -> tuple[dt.date, dt.date]:
    """Give the days that bound the balances of leave: those asked for, else the year."""
    first, last = run.options.get("first"), run.options.get("last")
    return (
        dt.date.fromisoformat(str(first)) if first else dt.date(today.year, 1, 1),
        dt.date.fromisoformat(str(last)) if last else dt.date(today.year, 12, 31),
    )
