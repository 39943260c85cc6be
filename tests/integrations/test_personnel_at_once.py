"""Two people decide at once, a run that dies and is done again: one effect each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from apps.core.errors import ConflictError
from apps.integrations.choices import RunState
from apps.integrations.models import Run
from apps.integrations.services.personnel import PERSONNEL, apply_decision, reconcile
from apps.integrations.services.runs import start_run
from apps.integrations.types import RunInHand
from apps.organization.models import Employee
from tests.concurrency import at_once
from tests.integrations.onec_people import make_onec
from tests.integrations.onec_runs import run_for
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", str(PEOPLE)) as simulated:
        yield simulated


def test_a_plan_is_applied_once(server: Simulated) -> None:
    run = run_for(make_onec(server), PERSONNEL, apply="ask")
    assert run.state == RunState.WAITING

    def apply() -> str:
        apply_decision(run.pk, with_vanished=True, actor=None)
        return "applied"

    outcomes = at_once(apply, apply)
    assert sorted(type(one).__name__ for one in outcomes) == ["ConflictError", "str"]
    assert Employee.objects.count() == run.counts["people"]
    run.refresh_from_db()
    assert (run.state, run.counts["created"]) == (RunState.DONE, run.counts["people"])


def test_of_two_runs_at_once_one_is_started(server: Simulated) -> None:
    connection = make_onec(server)
    starts = at_once(*[lambda: start_run(connection, PERSONNEL, actor=None)] * 2)
    assert sum(isinstance(one, Run) for one in starts) == 1
    assert sum(isinstance(one, ConflictError) for one in starts) == 1


def hand(run: Run) -> RunInHand:
    return RunInHand(
        run_id=run.pk,
        connection_id=run.connection_id,
        purpose=run.purpose,
        session_id=uuid4(),
        actor_id=None,
        options={},
        progress=lambda *_told: None,
        check_cancelled=lambda: None,
    )


def test_a_run_that_died_after_it_had_applied_keeps_its_figures(server: Simulated) -> None:
    run = start_run(make_onec(server), PERSONNEL, actor=None)
    reconcile(hand(run))
    asked = len(server.requests())
    again = hand(run)
    reconcile(again)
    assert again.counts["created"] == Employee.objects.count() == run.changes.count()
    assert len(server.requests()) == asked


def test_a_run_that_died_before_it_applied_begins_anew(server: Simulated) -> None:
    run = start_run(make_onec(server), PERSONNEL, actor=None)
    stopped = hand(run)

    def die() -> None:
        if run.changes.exists():
            raise KeyboardInterrupt

    stopped.check_cancelled = die
    with pytest.raises(KeyboardInterrupt):
        reconcile(stopped)
    planned = run.changes.count()
    assert planned > 0
    assert not Employee.objects.exists()
    again = hand(run)
    reconcile(again)
    assert again.counts["created"] == planned == run.changes.count()
