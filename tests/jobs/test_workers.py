"""Jobs in real workers that are killed."""

from __future__ import annotations

import datetime as dt
import os
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from redis import Redis

from apps.core import clock
from apps.core.phrases import Phrase
from apps.jobs import services
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services.sweeping import DEAD_AFTER_S
from tests.conftest import wait_until, worker_process
from tests.jobs import sample_jobs

if TYPE_CHECKING:
    from apps.core.dispatch import Queue

SAMPLES = sample_jobs.__name__


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queues")
def test_a_job_whose_worker_is_killed_is_found_and_finished_by_another() -> None:
    job = services.start("tests.slow_once", params={}, actor=None, title=Phrase.plain("Slow"))
    with worker_process("optimise", SAMPLES) as worker:
        wait_until(lambda: _stage(job) == "attempt 1", seconds=40, what="the first attempt")
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    silent_since = clock.now() - dt.timedelta(seconds=DEAD_AFTER_S + 1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=silent_since)  # rather than wait so long
    with worker_process("optimise", SAMPLES):
        assert services.sweep().requeued == 1
        wait_until(lambda: _state(job) == JobState.SUCCEEDED, seconds=40, what="the second attempt")
    job.refresh_from_db()
    assert (job.attempts, job.result) == (2, {"attempt": 2})


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queues")
def test_a_job_of_one_queue_is_no_business_of_another() -> None:
    bulk = _start("Bulk", "bulk")
    mine = _start("Mine", "integrate")
    with worker_process("integrate", SAMPLES):
        wait_until(lambda: _state(mine) == JobState.SUCCEEDED, seconds=40, what="the job")
    assert _state(bulk) == JobState.QUEUED


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queues")
def test_work_goes_on_after_redis_dropped_its_clients_and_its_memory() -> None:
    before = _start("Before")
    with worker_process("optimise", SAMPLES), closing(Redis.from_url(settings.REDIS_URL)) as redis:
        wait_until(lambda: _state(before) == JobState.SUCCEEDED, seconds=40, what="the first job")
        redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        after = _start("After")
        for key in redis.scan_iter(f"{settings.REDIS_PREFIX}*"):
            redis.delete(key)
        assert services.sweep().sent_again == 1
        wait_until(lambda: _state(after) == JobState.SUCCEEDED, seconds=40, what="the second job")


def _start(title: str, queue: Queue = "optimise") -> Job:
    return services.start(
        "tests.add", params={"a": 1, "b": 1}, actor=None, title=Phrase.plain(title), queue=queue
    )


def _state(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def _stage(job: Job) -> str:
    return str(Job.objects.values_list("stage", flat=True).get(pk=job.pk))
