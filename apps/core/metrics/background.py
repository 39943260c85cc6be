"""Workers and beat as a monitor sees them: their tasks, their signs of life, what beat sends."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from celery import current_app, signals

from apps.core.metrics.counting import count_task
from apps.core.metrics.sharing import announce, flush, mark, process
from apps.core.metrics.sources import MARK_BEAT, MARK_TASK

_started: dict[str, float] = {}


@signals.worker_ready.connect
def worker_is_ready(sender: Any, **_kwargs: Any) -> None:
    """Say of the parent of a worker's processes which queues it serves."""
    facts = {
        "queues": sorted(queue.name for queue in sender.task_consumer.queues),
        "processes": sender.pool.num_processes,
    }
    announce("worker", lambda: facts)


@signals.beat_init.connect
def beat_begins(**_kwargs: Any) -> None:
    """Say that this is beat, and ask at once for what else would wait for its first tick."""
    announce("beat")
    current_app.send_task("core.keep_partitions", queue="bulk", ignore_result=True, expires=600)


@signals.after_task_publish.connect
def beat_ticks(**_kwargs: Any) -> None:
    """Remember the tick when it is beat who sends."""
    if process.kind == "beat":
        mark(MARK_BEAT)


@signals.task_prerun.connect
def task_begins(task_id: str, **_kwargs: Any) -> None:
    _started[task_id] = perf_counter()


@signals.task_postrun.connect
def task_ends(task_id: str, task: Any, state: str | None, **_kwargs: Any) -> None:
    """Count it, and remember when a periodic one last succeeded."""
    seconds = perf_counter() - _started.pop(task_id, perf_counter())
    count_task(task.name, state or "UNKNOWN", seconds)
    if state == "SUCCESS" and task.name in periodic_tasks():
        mark(f"{MARK_TASK}{task.name}")


@signals.worker_process_shutdown.connect
def worker_process_ends(**_kwargs: Any) -> None:
    """Share what was counted last: such a process leaves without its exit functions."""
    flush()


def periodic_tasks() -> set[str]:
    """Give the names of the tasks that beat sends."""
    return {entry["task"] for entry in current_app.conf.beat_schedule.values()}
