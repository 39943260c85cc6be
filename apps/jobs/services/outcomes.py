"""How a job ends. Every write names the attempt, so a worker that lost its job changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.core import clock
from apps.jobs.choices import JobState
from apps.jobs.models import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from apps.core.phrases import Phrase

    Outcome = dict[str, Any]


def succeeded(result: Mapping[str, Any] | None) -> Outcome:
    facts = dict(result or {})
    url = facts.pop("url", "")
    return _ended(JobState.SUCCEEDED) | {"progress": 1.0, "result_url": url, "result": facts}


def failed(reason: Phrase) -> Outcome:
    return _ended(JobState.FAILED) | {"reason": reason}


def cancelled() -> Outcome:
    return _ended(JobState.CANCELLED)


def queued_again(stage: Phrase | None = None) -> Outcome:
    """Give the job back to the queue; the sweep sends it, a few seconds later. `stage` says why it waits."""
    outcome = {"state": JobState.QUEUED, "sent_at": clock.now(), "sends": 1}
    return outcome if stage is None else outcome | {"stage": stage}


def held(job: Job) -> QuerySet[Job]:
    """Give the row of a job that was claimed as `job`, while that claim is the current one."""
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)


def _ended(state: JobState) -> Outcome:
    return {"state": state, "finished_at": clock.now()}
