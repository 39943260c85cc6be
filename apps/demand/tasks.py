"""Jobs and tasks of this app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import shared_task
from django.urls import reverse

from apps.accounts.models import User
from apps.demand.services.importing import IMPORT_KIND, import_upload
from apps.demand.services.retention import drop_expired_history
from apps.jobs.registry import job_handler

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(IMPORT_KIND)
def import_history(context: JobContext) -> dict[str, Any]:
    """Import a kept file."""
    actor = User.objects.filter(pk=context.actor_id or 0).first()
    batch = import_upload(upload_id=context.params["upload_id"], job=context, actor=actor)
    return {
        "batch_id": batch.pk,
        "rows_loaded": batch.rows_loaded,
        "rows_unchanged": batch.rows_unchanged,
        "rows_refused": batch.rows_refused,
        "url": reverse("demand:import-page", args=[batch.pk]),
    }


@shared_task(name="demand.drop_expired")
def drop_expired() -> None:
    """Drop the history that is older than what is kept; beat sends it once a day."""
    drop_expired_history()
