"""Jobs and tasks of this app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from apps.accounts.selectors import acting_user
from apps.demand.services.exporting import EXPORT_KIND, make_export
from apps.demand.services.importing import IMPORT_KIND, import_upload, is_file_kept, repeat_import
from apps.demand.services.retention import drop_expired_files, drop_expired_history
from apps.jobs.registry import job_handler

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(IMPORT_KIND, label=_("History import"), repeat=repeat_import, repeatable=is_file_kept)
def import_history(context: JobContext) -> None:
    """Import a kept file."""
    actor = acting_user(context.actor_id)
    import_upload(upload_id=context.params["upload_id"], job=context, actor=actor)


@job_handler(EXPORT_KIND, label=_("History as a file"))
def export_history(context: JobContext) -> None:
    """Write the whole history of a queue."""
    make_export(job=context, actor=acting_user(context.actor_id))


@shared_task(name="demand.drop_expired")
def drop_expired() -> None:
    """Drop the files and the history that are older than what is kept; beat sends it once a day."""
    drop_expired_files()
    drop_expired_history()
