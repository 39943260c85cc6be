"""Runs: one exchange with one connection for one purpose, done as a job, kept with what it found."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.events import emit
from apps.core.locks import lock_rows
from apps.core.outlasting import DATABASE_AWAY
from apps.core.phrases import Phrase
from apps.integrations.choices import FailureClass, RunState
from apps.integrations.errors import ExchangeError
from apps.integrations.models import Connection, Run
from apps.integrations.policies import require_operating
from apps.integrations.registry import find_purpose
from apps.integrations.services.breaker import report
from apps.integrations.services.calls import belonging
from apps.integrations.services.schedule_retries import note_end
from apps.integrations.types import RunInHand
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import JobCancelled, JobLost
from apps.jobs.services import start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from apps.accounts.models import User
    from apps.jobs.registry import JobContext

RUN_KIND = "integrations.run"
MOST_PROBLEMS = 5_000
TITLE = gettext_noop("%(connection)s: %(purpose)s")
NO_PURPOSE = gettext_noop("%(connection)s cannot be run for %(purpose)s.")
PAUSED = gettext_noop("%(connection)s is paused.")
RUNS_ALREADY = gettext_noop("%(connection)s is being run for this already.")
LEFT_BEHIND = gettext_noop("The work ended without a word: its process is gone.")
BROKE = gettext_noop("Something broke on our side (%(error)s); the log of the server says more.")
NOT_WAITING = gettext_noop("This run does not wait for a decision.")


@transaction.atomic
def start_run(
    connection: Connection,
    purpose: str,
    *,
    actor: User | None,
    options: Mapping[str, Any] | None = None,
) -> Run:
    """Start a run of `connection` for `purpose` and give it; the work is a job, begun on commit.

    Raises `NotAllowedError`, `DomainError` for a purpose that its system does not have, and `ConflictError`
    while it is paused or being run for the same (`run_id` and `job_id` in its extra).
    """
    require_operating(actor)
    found = find_purpose(purpose)
    if found is None or found.system != connection.system:
        raise DomainError(Phrase(NO_PURPOSE, {"connection": connection.name, "purpose": purpose}))
    held = lock_rows(Connection.objects.filter(pk=connection.pk))
    if not held or not held[0].is_active:
        raise ConflictError(Phrase(PAUSED, {"connection": connection.name}))
    _refuse_second(connection, purpose)
    run = Run.objects.create(
        connection=connection,
        purpose=purpose,
        options=dict(options or {}),
        actor_id=actor.pk if actor else None,
    )
    title = Phrase(TITLE, {"connection": connection.name, "purpose": str(found.label)})
    job = start(RUN_KIND, params={"run": run.pk}, actor=actor, title=title, queue="integrate")
    run.job_id = job.pk
    run.save(update_fields=["job_id"])
    after = {"connection": connection.code, "purpose": purpose, "options": run.options}
    record(action="run.started", obj=run, actor=actor, after=after)
    return run


def _refuse_second(connection: Connection, purpose: str) -> None:
    for earlier in Run.objects.filter(connection=connection, purpose=purpose, state=RunState.RUNNING):
        if not _close_left_behind(earlier):
            raise ConflictError(
                Phrase(RUNS_ALREADY, {"connection": connection.name}),
                run_id=earlier.pk,
                job_id=str(earlier.job_id),
            )


def do_run(job: JobContext) -> None:
    """Do the run of a job: call the function of its purpose, keep what it counted and how it ended."""
    run = Run.objects.select_related("connection").get(pk=job.params["run"])
    if run.state != RunState.RUNNING:
        return
    found = find_purpose(run.purpose)
    hand = RunInHand(
        run_id=run.pk,
        connection_id=run.connection_id,
        purpose=run.purpose,
        session_id=run.session_id,
        actor_id=run.actor_id,
        options=run.options,
        progress=job.progress,
        check_cancelled=job.check_cancelled,
    )
    with _ending(run, hand, job), belonging(run_id=run.pk):
        if found is None:
            facts = {"connection": run.connection.name, "purpose": run.purpose}
            raise DomainError(Phrase(NO_PURPOSE, facts))
        found.function(hand)


@contextmanager
def _ending(run: Run, hand: RunInHand, job: JobContext) -> Iterator[None]:
    """Write how the run ended together with how its job did; what the database did is the job's to repeat."""
    try:
        yield
    except (JobLost, *DATABASE_AWAY):
        raise
    except JobCancelled:
        _write_end(run, hand, RunState.CANCELLED)
        raise
    except ExchangeError as error:
        report(run.connection_id, well=not error.counts)
        _fail(run, hand, job, error.failure, error.reason)
    except DomainError as error:
        _fail(run, hand, job, "", error.phrase)
    else:
        report(run.connection_id, well=True)
        with transaction.atomic():
            _write_end(run, hand, RunState.DONE)
            job.conclude({"url": page_of(run.pk), "counts": hand.counts})
    finally:
        fault = sys.exception()
        if fault is not None and not isinstance(fault, (JobLost, JobCancelled, *DATABASE_AWAY)):
            broke = Phrase(BROKE, {"error": type(fault).__name__})
            _write_end(run, hand, RunState.FAILED, FailureClass.INTERNAL, broke)


def _fail(run: Run, hand: RunInHand, job: JobContext, failure: str, reason: Phrase) -> None:
    with transaction.atomic():
        _write_end(run, hand, RunState.FAILED, failure, reason)
        job.refuse(reason)


def _write_end(
    run: Run, hand: RunInHand, state: RunState, failure: str = "", reason: Phrase | None = None
) -> None:
    """Write counts and problems, and the state unless the function set one itself (it waits for a person)."""
    found = Run.objects.filter(pk=run.pk)
    found.update(counts=hand.counts, problems=hand.problems[:MOST_PROBLEMS])
    end(run, state, failure=failure, reason=reason)


@transaction.atomic
def end(run: Run, state: RunState, *, failure: str = "", reason: Phrase | None = None) -> bool:
    """End a run that is running, and tell whether it was; a failure is an event for others."""
    ended = Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
        state=state, failure=failure, reason=reason or Phrase(), ended_at=clock.now()
    )
    if ended:
        note_end(run, failure)
    if ended and state == RunState.FAILED:
        emit(
            "sync.failed",
            aggregate="integrations.run",
            aggregate_id=run.pk,
            data={
                "connection_id": run.connection_id,
                "purpose": run.purpose,
                "failure": failure,
                "reason": (reason or Phrase()).as_json(),
            },
        )
    return bool(ended)


def wait_for_person(hand: RunInHand, plan: Mapping[str, Any], reason: Phrase) -> None:
    """Let a run wait for a person's decision on `plan` (JSON); its function returns after this."""
    Run.objects.filter(pk=hand.run_id, state=RunState.RUNNING).update(
        state=RunState.WAITING, plan=dict(plan), reason=reason
    )


@transaction.atomic
def finish(run: Run, state: RunState, *, reason: Phrase | None = None) -> None:
    """End a run that waits for a person as `state`; raises `ConflictError` when it does not wait.

    Whoever decided has been checked and is recorded by the caller.
    """
    ended = Run.objects.filter(pk=run.pk, state=RunState.WAITING).update(
        state=state, ended_at=clock.now(), reason=reason or Phrase()
    )
    if not ended:
        raise ConflictError(Phrase(NOT_WAITING))


def close_left_behind() -> int:
    """End the runs whose job has ended without ending them; give how many."""
    runs = Run.objects.filter(state=RunState.RUNNING)
    return sum(_close_left_behind(run) for run in runs)


def _close_left_behind(run: Run) -> bool:
    job = Job.objects.filter(pk=run.job_id).first() if run.job_id else None
    if job is not None and job.is_active:
        return False
    if job is not None and job.state == JobState.CANCELLED:
        return end(run, RunState.CANCELLED)
    reason = (job.reason if job is not None else None) or Phrase(LEFT_BEHIND)
    return end(run, RunState.FAILED, failure=FailureClass.INTERNAL, reason=reason)


def repeat_run(job: Job, actor: User | None) -> Job:
    """Start the run of a finished job once more and give the new job."""
    run = Run.objects.select_related("connection").filter(pk=job.params["run"]).first()
    if run is None:
        raise NotFoundError(Phrase(NOT_WAITING))
    again = start_run(run.connection, run.purpose, actor=actor, options=run.options)
    return Job.objects.get(pk=str(again.job_id))


def page_of(run_id: int) -> str:
    return reverse("integrations:run-page", args=[run_id])
