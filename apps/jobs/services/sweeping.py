"""The floor under the queue: nothing that was asked for is forgotten, whoever dies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.dispatch import enqueue
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services.starting import SENT_TASK

if TYPE_CHECKING:
    from apps.core.dispatch import Queue

DEAD_AFTER_S = 30
RESEND_AFTER_S = 5
RESEND_DOUBLINGS = 5  # 5, 10, … 160 s: a long queue is not flooded with copies of its messages
MAX_ATTEMPTS = 2


@dataclass(frozen=True)
class Swept:
    requeued: int
    given_up: int
    sent_again: int


def sweep() -> Swept:
    """Bring back what dead workers held, and send again what no worker has claimed."""
    requeued, given_up = _reap()
    return Swept(requeued=requeued, given_up=given_up, sent_again=_send_again())


@transaction.atomic
def _reap() -> tuple[int, int]:
    now = clock.now()
    silent = Job.objects.filter(
        state=JobState.RUNNING, heartbeat_at__lt=now - dt.timedelta(seconds=DEAD_AFTER_S)
    )
    jobs = list(silent.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))
    requeued = 0
    for job in jobs:
        if job.cancel_requested:
            job.state, job.finished_at = JobState.CANCELLED, now
        elif job.attempts < MAX_ATTEMPTS:
            job.state, job.sent_at, job.sends = JobState.QUEUED, now, 1
            enqueue(SENT_TASK, str(job.pk), queue=cast("Queue", job.queue))
            requeued += 1
        else:
            job.state, job.finished_at = JobState.FAILED, now
            job.reason = _("The worker died twice while doing this.")
        job.save(update_fields=["state", "finished_at", "sent_at", "sends", "reason"])
    return requeued, len(jobs) - requeued


@transaction.atomic
def _send_again() -> int:
    now = clock.now()
    waiting = Job.objects.filter(
        state=JobState.QUEUED, sent_at__lte=now - dt.timedelta(seconds=RESEND_AFTER_S)
    )
    due = [
        job
        for job in waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        if (now - job.sent_at).total_seconds() >= RESEND_AFTER_S * 2 ** min(job.sends - 1, RESEND_DOUBLINGS)
    ]
    for job in due:
        enqueue(SENT_TASK, str(job.pk), queue=cast("Queue", job.queue))
    Job.objects.filter(pk__in=[job.pk for job in due]).update(sent_at=now, sends=F("sends") + 1)
    return len(due)
