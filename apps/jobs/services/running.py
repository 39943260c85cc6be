"""Doing a job."""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import TYPE_CHECKING

import structlog
from django.db import connection
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.locks import LockHeldError
from apps.core.outlasting import DATABASE_AWAY, outlast_database
from apps.core.phrases import Phrase
from apps.jobs.choices import ACTIVE_STATES, JobState
from apps.jobs.models import Job
from apps.jobs.registry import JobCancelled, JobLost, find_handler
from apps.jobs.services.context import RunningJob
from apps.jobs.services.noting import note
from apps.jobs.services.outcomes import cancelled, failed, held, queued_again, succeeded
from apps.jobs.services.sweeping import sweep

if TYPE_CHECKING:
    from uuid import UUID

    from apps.jobs.services.outcomes import Outcome

POLL_S = 0.5
MOST_FAULTS = 5  # of the database, in one job; deaths of workers are counted by the sweep
BROKE = gettext_noop("Something broke on our side (%(error)s); the log of the server says more.")
FAULT = gettext_noop("The database broke off; attempt %(attempt)s follows.")
HELD = gettext_noop("Waits: somebody else is writing the same just now.")
log = structlog.get_logger(__name__)


def run(job_id: UUID) -> JobState | None:
    """Do job `job_id` in this process and give how it ended; None when it is not, or no longer, ours to end.

    A `DomainError` fails the job with its message. A fault of the database, or a lock that somebody else
    holds, gives it back to the queue, at most five times; a database that is away is waited for before the
    job is taken and when it has ended. Any other
    exception fails it with the exception's name and propagates: it belongs in the worker's log. What the
    handler concluded in its own transaction stays, whatever happens after.
    """
    job = outlast_database(lambda: _claim(job_id))
    if job is None:
        return None
    outcome: Outcome = {}
    try:
        outcome = _do(job)
    except (JobCancelled, JobLost):
        outcome = cancelled()
    except LockHeldError as refusal:
        outcome = failed(refusal.phrase) if _has_tried_enough(job) else queued_again(Phrase(HELD))
    except DomainError as refusal:
        outcome = failed(refusal.phrase)
    except DATABASE_AWAY:
        connection.close()  # the one that failed cannot write the outcome
        if _has_tried_enough(job):
            raise
        log.warning("job_fault_tried_again", job=str(job.pk), kind=job.kind, exc_info=True)
        outcome = queued_again()
        again = Phrase(FAULT, {"attempt": job.attempts + 1})
        outlast_database(lambda: note(job, again))
    finally:
        outcome = outcome or failed(Phrase(BROKE, {"error": type(sys.exception()).__name__}))
        state = outlast_database(lambda: _finish(job, outcome))
    return state


def run_now(job: Job) -> Job:
    """Do a job in this process, for commands, and give it as it ended.

    When a worker was faster, wait for it; when that worker is dead, take the job over.
    """
    while run(job.pk) is None:
        job = Job.objects.get(pk=job.pk)
        if not job.is_active:
            break
        sweep()
        time.sleep(POLL_S)
    return Job.objects.get(pk=job.pk)


def _claim(job_id: UUID) -> Job | None:
    now = clock.now()
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        heartbeat_at=now,
        started_at=now,
        worker=f"{platform.node()}:{os.getpid()}",
        reason=Phrase(),
        progress=0.0,
        progress_at=None,
        stage=Phrase(),
    )
    return Job.objects.get(pk=job_id) if claimed else None


def _has_tried_enough(job: Job) -> bool:
    return job.attempts - job.deaths >= MOST_FAULTS


def _do(job: Job) -> Outcome:
    with translation.override(job.language or None), RunningJob(job) as context:
        if job.created_by_id is None and not job.as_system:
            raise DomainError(Phrase(gettext_noop("The person who started this is no longer there.")))
        return succeeded(find_handler(job.kind)(context))


def _finish(job: Job, outcome: Outcome) -> JobState | None:
    written = held(job).update(**outcome)
    state = Job.objects.filter(pk=job.pk, attempts=job.attempts).values_list("state", flat=True).first()
    if state is None or (state in ACTIVE_STATES and not written):
        log.warning("job_lost", job=str(job.pk), kind=job.kind, attempt=job.attempts)
        return None
    reason = str(outcome.get("reason", "")) if written else ""
    log.info("job_finished", job=str(job.pk), kind=job.kind, state=state, reason=reason)
    return None if state in ACTIVE_STATES else JobState(state)
