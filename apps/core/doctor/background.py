"""Workers, beat and what lies in their way, from the same figures that a monitor is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from apps.core import clock
from apps.core.doctor.lines import examination, judged
from apps.core.health import FAILED_LIMIT, PENDING_LIMIT
from apps.core.metrics import sharing
from apps.core.metrics.sources import MARK_BEAT, collect, forget

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from apps.core.doctor.lines import Line

BEAT_SILENT_S = 30.0
WAITS_LONG_S = 300.0
START = "Start `python manage.py serve`, or "


@examination("background")
def background() -> Iterator[Line]:
    """Ask who serves the queues and whether beat ticks."""
    _sums, marks, alive = sharing.read()
    served = {
        queue
        for name, facts in alive.items()
        if name.startswith("worker@")
        for queue in facts.get("queues", ())
    }
    for queue in settings.CELERY_TASK_QUEUES:
        yield judged(
            f"queue.{queue.name}",
            "served by a living worker" if queue.name in served else "nobody serves it",
            f"{START}`python -m celery -A wfm.celery worker -Q {queue.name}`.",
            fail=queue.name not in served,
        )
    age_s = clock.now().timestamp() - marks[MARK_BEAT] if MARK_BEAT in marks else None
    yield judged(
        "beat",
        "has not ticked" if age_s is None else f"last tick {age_s:.0f} s ago",
        f"{START}`python -m celery -A wfm.celery beat` (one).",
        fail=age_s is None or age_s > BEAT_SILENT_S,
    )


@examination("work")
def work() -> Iterator[Line]:
    """Look for jobs and deliveries that do not move, and for missing partitions."""
    forget()
    samples = [
        (sample.name, sample.labels, sample.value) for metric in collect() for sample in metric.samples
    ]
    dumb = [labels["source"] for name, labels, value in samples if name == "wfm_source_up" and not value]
    if dumb:
        figure = f"not readable: {', '.join(dumb)}"
        yield judged("figures", figure, "See the lines about PostgreSQL and Redis.", fail=True)
        return
    yield from _stuck({name: value for name, _labels, value in samples if name in _SINGLE})
    waits = max((value for name, _, value in samples if name == "wfm_job_oldest_queued_seconds"), default=0.0)
    yield judged(
        "jobs.waiting",
        f"the oldest waits {waits:.0f} s",
        "Run more workers for its queue (/metrics names it), or see why theirs are busy.",
        warn=waits > WAITS_LONG_S,
    )
    faults = sorted(
        f"{labels['table']}: {value:.0f}"
        for name, labels, value in samples
        if name in {"wfm_partitions_missing", "wfm_partition_default_rows"} and value
    )
    yield judged(
        "partitions",
        "; ".join(faults) or "all that are needed soon are there",
        "Beat makes them (task core.keep_partitions): see its lines, and `partition_not_made` in the log.",
        fail=bool(faults),
    )


_SINGLE = {
    "wfm_jobs_silent",
    "wfm_outbox_pending",
    "wfm_outbox_failed",
    "wfm_outbox_oldest_pending_seconds",
}


def _stuck(figures: Mapping[str, float]) -> Iterator[Line]:
    silent = figures.get("wfm_jobs_silent", 0)
    yield judged(
        "jobs.stuck",
        f"{silent:.0f} whose worker fell silent",
        "The sweep of beat gives them to another worker: see the lines about beat and queues.",
        fail=silent > 0,
    )
    pending, failed = figures.get("wfm_outbox_pending", 0), figures.get("wfm_outbox_failed", 0)
    age_s = figures.get("wfm_outbox_oldest_pending_seconds", 0)
    yield judged(
        "outbox",
        f"{pending:.0f} wait (the oldest for {age_s:.0f} s), {failed:.0f} failed",
        "See the errors of deliveries in the admin; what waits needs beat and a worker of `interactive`.",
        fail=failed >= FAILED_LIMIT,
        warn=pending >= PENDING_LIMIT or age_s > WAITS_LONG_S,
    )
