"""What runs in the processes of these tests: work that leaves traces, and the points at which it dies.

A job whose parameter `die_at` names a point kills its process there in its first attempt (`whole`: the whole
worker). A file `die/<point>` does so once to whoever comes by.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celery import current_task, shared_task
from django.conf import settings
from django.db import connection, transaction

from apps.core import dispatch, events
from apps.core.phrases import Phrase
from apps.core.services import outbox
from apps.jobs import services
from apps.jobs.models import Job
from apps.jobs.registry import job_handler
from apps.jobs.services import context as context_module
from apps.jobs.services import running, sweeping

if TYPE_CHECKING:
    from apps.core.events import Event
    from apps.jobs.registry import JobContext

if settings.FORCE_QUICK:
    sweeping.DEAD_AFTER_S = 2.5
    sweeping.RESEND_AFTER_S = 2
    context_module.LOOK_EVERY_S = 0.2
    context_module.HEARTBEAT_EVERY_S = 0.5
    outbox.LEASE_S = 4
    outbox.BACKOFF_S = (1, 1, 1, 1, 1, 1)


def trace(table: str, *values: object) -> None:
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - our own names


def kill(*, whole: bool = False) -> None:
    os.kill(os.getppid() if whole else os.getpid(), signal.SIGKILL)
    time.sleep(60)  # until the kernel comes for us


def pass_point(point: str) -> None:
    """Die here if a file asks for it."""
    try:
        (Path(settings.FORCE_FOLDER) / "die" / point).unlink()
    except FileNotFoundError:
        return
    kill()


def pass_point_of(job: Job, point: str) -> None:
    """Die here if the job asks for it."""
    if job.params.get("die_at") == point and job.attempts == 1:
        kill(whole=job.params.get("whole", False))


def start_one(kind: str, actor: Any, params: dict[str, Any]) -> Job:
    return services.start(kind, params=params, actor=actor, title=Phrase.plain(kind), queue="bulk")


def start_again(job: Job, actor: Any) -> Job:
    return start_one(job.kind, actor, {**job.params, "die_at": ""})


@job_handler("force.store", repeat=start_again)
def store(job_context: JobContext) -> None:
    """Leave one trace, in the transaction that concludes the job."""
    job = Job.objects.get(pk=job_context.job_id)
    pass_point_of(job, "running")
    until = time.monotonic() + job_context.params.get("work_s", 0.0)
    while time.monotonic() < until:
        job_context.progress(0.5)
        time.sleep(0.05)
    with transaction.atomic():
        trace("force_effect", str(job.pk), job.attempts)
        job_context.conclude({"attempt": job.attempts})
        pass_point_of(job, "stored")
    pass_point_of(job, "committed")


@job_handler("force.plain")
def plain(job_context: JobContext) -> dict[str, Any]:
    """Leave a trace and end without concluding: may be done again."""
    job = Job.objects.get(pk=job_context.job_id)
    trace("force_effect", str(job.pk), job.attempts)
    return {"attempt": job.attempts}


@events.receiver("force.happened", name="force.trace")
def receive(event: Event) -> None:
    pass_point("receiving")
    trace("force_event", str(event.id))
    pass_point("received")


@shared_task(name="force.tick")
def tick() -> None:
    trace("force_tick", time.time())


_do, _finish = running._do, running._finish
_look = context_module.RunningJob._look
_sweep_enqueue, _send = sweeping.enqueue, dispatch._send


def do(job: Job) -> Any:
    pass_point_of(job, "claimed")
    return _do(job)


def finish(job: Job, outcome: Any) -> Any:
    pass_point_of(job, "finishing")
    return _finish(job, outcome)


def look(self: context_module.RunningJob, *, beat: bool) -> None:
    if beat:
        pass_point_of(self._job, "heartbeat")
    _look(self, beat=beat)


def sweep_enqueue(*args: Any, **kwargs: Any) -> None:
    pass_point("sweeping")
    _sweep_enqueue(*args, **kwargs)


def send(task_name: str, *rest: Any) -> None:
    if task_name == sweeping.SENT_TASK:
        in_sweep = current_task and current_task.name == "jobs.sweep"
        pass_point("sending" if in_sweep else "waking")
    _send(task_name, *rest)


running._do = do
running._finish = finish
context_module.RunningJob._look = look  # type: ignore[method-assign]
sweeping.enqueue = sweep_enqueue
dispatch._send = send
