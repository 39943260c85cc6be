"""The floor under the queue: nothing that was asked for is forgotten, whoever dies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.broker import broker_forgot, broker_was_told
from apps.core.dispatch import enqueue
from apps.core.phrases import Phrase
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services.noting import note
from apps.jobs.services.starting import SENT_TASK

if TYPE_CHECKING:
    from apps.core.dispatch import Queue

DEAD_AFTER_S = 30
RESEND_AFTER_S = 5
RESEND_DOUBLINGS = 5  # 5, 10, … 160 s: a long queue is not flooded with copies of its messages
MOST_DEATHS = 3
DIED = gettext_noop("Its program died %(count)s times while doing this; it was not tried again.")

SILENT = gettext_noop("The worker is lost: no sign of life for %(seconds)s s.")
ANOTHER = gettext_noop("Given to another worker: attempt %(attempt)s.")


@dataclass(frozen=True)
class Swept:
    requeued: int
    given_up: int
    sent_again: int


def sweep() -> Swept:
    """Bring back what dead workers held, and send again what no worker has claimed.

    When the broker lost its memory everything that waits is sent at once.
    """
    requeued, given_up = _reap()
    forgot = broker_forgot()
    sent_again = _send_again(everything=forgot)
    if forgot:
        broker_was_told()
    return Swept(requeued=requeued, given_up=given_up, sent_again=sent_again)


@transaction.atomic
def _reap() -> tuple[int, int]:
    now = clock.now()
    silent = Job.objects.filter(
        state=JobState.RUNNING, heartbeat_at__lt=now - dt.timedelta(seconds=DEAD_AFTER_S)
    )
    jobs = list(silent.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))
    requeued = given_up = 0
    for job in jobs:
        job.deaths += 1
        silence = {"seconds": round((now - (job.heartbeat_at or now)).total_seconds())}
        note(job, Phrase(SILENT, silence))
        if job.cancel_requested:
            job.state, job.finished_at = JobState.CANCELLED, now
        elif job.deaths < MOST_DEATHS:
            job.state, job.sent_at, job.sends = JobState.QUEUED, now, 1
            enqueue(SENT_TASK, str(job.pk), queue=cast("Queue", job.queue))
            note(job, Phrase(ANOTHER, {"attempt": job.attempts + 1}))
            requeued += 1
        else:
            given_up += 1
            job.state, job.finished_at = JobState.FAILED, now
            job.reason = Phrase(DIED, {"count": job.deaths})
        job.save(update_fields=["state", "deaths", "finished_at", "sent_at", "sends", "reason"])
    return requeued, given_up


@transaction.atomic
def _send_again(*, everything: bool) -> int:
    now = clock.now()
    waiting = Job.objects.filter(state=JobState.QUEUED)
    if not everything:
        waiting = waiting.filter(sent_at__lte=now - dt.timedelta(seconds=RESEND_AFTER_S))
    waiting = waiting.only("queue", "sent_at", "sends").order_by("created_at", "pk")
    due = [
        job
        for job in waiting.select_for_update(skip_locked=True, of=("self",))
        if everything or (now - job.sent_at).total_seconds() >= _patience_s(job)
    ]
    for job in due:
        enqueue(SENT_TASK, str(job.pk), queue=cast("Queue", job.queue))
    sends = 1 if everything else F("sends") + 1
    Job.objects.filter(pk__in=[job.pk for job in due]).update(sent_at=now, sends=sends)
    return len(due)


def _patience_s(job: Job) -> int:
    doublings: int = min(job.sends - 1, RESEND_DOUBLINGS)
    return RESEND_AFTER_S << doublings
