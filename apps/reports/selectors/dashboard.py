"""The chain at a glance. The number of queries does not grow with queues, people or months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.accounts.policies import Capability, require
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch
from apps.forecasts.choices import NAIVE_MODEL, VersionState
from apps.forecasts.models import ForecastVersion
from apps.jobs.choices import ACTIVE_STATES
from apps.jobs.selectors import visible_jobs
from apps.organization.models import Queue
from apps.reports.selectors.waiting import waiting
from apps.reports.types import Accuracy, Dashboard, LastImport

if TYPE_CHECKING:
    from apps.accounts.models import User

SHOWN = 8
JOBS_SHOWN = 5


def dashboard(user: User) -> Dashboard:
    """Give what a planner sees first; `NotAllowedError` to who does not see planning."""
    require(user, Capability.VIEW_PLANNING)
    imports = last_imports()
    accuracy = latest_accuracy()
    running = visible_jobs(user).filter(state__in=ACTIVE_STATES)
    jobs = list(running.select_related("created_by").order_by("-created_at")[: JOBS_SHOWN + 1])
    return Dashboard(
        imports=imports[:SHOWN],
        imports_total=len(imports),
        accuracy=accuracy[:SHOWN],
        accuracy_total=len(accuracy),
        jobs=jobs[:JOBS_SHOWN],
        jobs_total=running.count() if len(jobs) > JOBS_SHOWN else len(jobs),
        waiting=waiting(user),
    )


def last_imports() -> list[LastImport]:
    """Give the newest import of every queue that takes history of its own, the newest first, none last."""
    newest = (
        ImportBatch.objects.exclude(state=ImportState.CHECKED)
        .order_by("queue_id", "-id")
        .distinct("queue_id")
        .defer("details", "reason")
    )
    by_queue = {batch.queue_id: batch for batch in newest}
    plain = Queue.objects.filter(members__isnull=True).order_by("name")
    rows = [LastImport(queue, by_queue.get(queue.pk)) for queue in plain]
    return sorted(rows, key=lambda row: -row.batch.pk if row.batch else 0)


def latest_accuracy() -> list[Accuracy]:
    """Give the back-test of every queue's newest active version, the worst first, unknown last."""
    versions = (
        ForecastVersion.objects.filter(state=VersionState.ACTIVE)
        .select_related("queue")
        .order_by("queue_id", "-start")
        .distinct("queue_id")
        .defer("parameters", "inputs", "chosen_because")
    )
    rows = [_measured(version) for version in versions]
    return sorted(rows, key=lambda row: -1 if row.wape is None else row.wape, reverse=True)


def _measured(version: ForecastVersion) -> Accuracy:
    models = {row["model"]: row for row in version.accuracy.get("models", [])}
    chosen, naive = models.get(version.model, {}), models.get(NAIVE_MODEL, {})
    return Accuracy(version, chosen.get("wape"), chosen.get("bias"), naive.get("wape"))
