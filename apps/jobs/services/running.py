"""Doing a job. Every write names the attempt, so a worker that lost its job changes nothing."""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import TYPE_CHECKING, Any

import structlog
from django.db.models import F
from django.utils import translation

from apps.core import clock
from apps.core.errors import DomainError
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import JobCancelled, find_handler
from apps.jobs.services.context import RunningJob
from apps.jobs.services.sweeping import sweep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

POLL_S = 0.5
log = structlog.get_logger(__name__)


def run(job_id: UUID) -> JobState | None:
    """Do job `job_id` in this process, unless somebody else does or it has ended: then give None.

    A `DomainError` fails the job with its message. Any other exception fails it with the exception's name and
    propagates: it belongs in the worker's log.
    """
    job = _claim(job_id)
    if job is None:
        return None
    outcome: dict[str, Any] = {}
    try:
        with translation.override(job.language or None), RunningJob(job) as context:
            outcome = _succeeded(find_handler(job.kind)(context))
    except JobCancelled:
        outcome = {"state": JobState.CANCELLED}
    except DomainError as refusal:
        outcome = {"state": JobState.FAILED, "reason": refusal.message}
    finally:
        outcome = outcome or {"state": JobState.FAILED, "reason": type(sys.exception()).__name__}
        _finish(job, outcome)
    return JobState(outcome["state"])


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
        reason="",
    )
    return Job.objects.get(pk=job_id) if claimed else None


def _succeeded(result: Mapping[str, Any] | None) -> dict[str, Any]:
    facts = dict(result or {})
    return {
        "state": JobState.SUCCEEDED,
        "progress": 1.0,
        "result_url": facts.pop("url", ""),
        "result": facts,
    }


def _finish(job: Job, outcome: dict[str, Any]) -> None:
    ours = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)
    written = ours.update(finished_at=clock.now(), **outcome)
    facts = {
        "job": str(job.pk),
        "kind": job.kind,
        "state": outcome["state"],
        "reason": outcome.get("reason", ""),
    }
    if written:
        log.info("job_finished", **facts)
    else:
        log.warning("job_outcome_dropped", **facts)
