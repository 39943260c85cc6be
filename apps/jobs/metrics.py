"""What a monitor is told of jobs, out of their rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Avg, Count, F, Max, Min, Sum
from prometheus_client.core import GaugeMetricFamily

from apps.core import clock
from apps.core.metrics import metric_source
from apps.jobs.choices import ACTIVE_STATES, JobState
from apps.jobs.models import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

SILENT_AFTER_S = 60
WINDOW = dt.timedelta(hours=1)


@metric_source("jobs")
def active_jobs() -> Iterator[Metric]:
    """Give what waits and runs, how long the oldest waits, and which workers fell silent."""
    active = GaugeMetricFamily("wfm_jobs", "Jobs that wait or run.", labels=["kind", "queue", "state"])
    rows = Job.objects.filter(state__in=ACTIVE_STATES).values_list("kind", "queue", "state")
    for kind, queue, state, number in rows.annotate(number=Count("pk")).order_by("kind", "queue", "state"):
        active.add_metric([kind, queue, state], number)
    yield active
    now = clock.now()
    oldest = GaugeMetricFamily(
        "wfm_job_oldest_queued_seconds", "Age of the oldest job that waits.", labels=["queue"]
    )
    waiting = Job.objects.filter(state=JobState.QUEUED).values_list("queue").annotate(since=Min("created_at"))
    for queue, since in waiting.order_by("queue"):
        oldest.add_metric([queue], max(0.0, (now - since).total_seconds()))
    yield oldest
    silent = Job.objects.filter(
        state=JobState.RUNNING, heartbeat_at__lt=now - dt.timedelta(seconds=SILENT_AFTER_S)
    )
    yield GaugeMetricFamily("wfm_jobs_silent", "Jobs whose worker fell silent.", value=silent.count())


@metric_source("jobs_finished")
def finished_jobs() -> Iterator[Metric]:
    """Give what ended within the last hour: old jobs are cleared away, so a total would fall."""
    ended = GaugeMetricFamily(
        "wfm_jobs_finished_last_hour", "Jobs that ended within the last hour.", labels=["kind", "state"]
    )
    attempts = GaugeMetricFamily(
        "wfm_job_attempts_last_hour", "Attempts that these jobs took.", labels=["kind", "state"]
    )
    took = GaugeMetricFamily(
        "wfm_job_duration_seconds_last_hour",
        "How long these jobs ran.",
        labels=["kind", "state", "figure"],
    )
    rows = (
        Job.objects.exclude(state__in=ACTIVE_STATES)
        .filter(finished_at__gte=clock.now() - WINDOW)
        .values_list("kind", "state")
        .annotate(
            number=Count("pk"),
            tries=Sum("attempts"),
            mean=Avg(F("finished_at") - F("started_at")),
            longest=Max(F("finished_at") - F("started_at")),
        )
        .order_by("kind", "state")
    )
    for kind, state, number, tries, mean, longest in rows:
        ended.add_metric([kind, state], number)
        attempts.add_metric([kind, state], tries)
        for figure, length in (("mean", mean), ("max", longest)):
            if length is not None:
                took.add_metric([kind, state, figure], length.total_seconds())
    yield from (ended, attempts, took)
