"""Asking for an import of Argus: the file is kept and a job reads it, or it is refused at once."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.policies import Capability, require
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.importing import request_import as request_history
from apps.integrations.choices import ArgusTable
from apps.integrations.models import ArgusUpload
from apps.integrations.policies import require_operating
from apps.integrations.services.argus.importing import FORMATS, import_table
from apps.integrations.services.argus.schedules import draft_variant
from apps.integrations.services.argus.table import digest, open_named
from apps.jobs.services import start
from apps.organization.selectors import queue_by_id
from apps.schedules.policies import editable_variant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.accounts.models import User
    from apps.integrations.models import ArgusImport
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext

IMPORT_KIND = "integrations.argus"
UPLOADS_KEPT = dt.timedelta(days=7)
_MAY = {
    ArgusTable.OPERATORS: Capability.DERIVE_REQUIREMENT,
    ArgusTable.EMPLOYEES: Capability.EDIT_MASTER_DATA,
    ArgusTable.SCHEDULES: Capability.EDIT_SCHEDULE,
}


def request_intervals(
    *, queue_id: int, file: IO[bytes], file_name: str, actor: User | None, dry_run: bool = False
) -> Job:
    """Start the import of contacts by interval into the history of a queue; the job is one of history."""
    require_operating(actor)
    return request_history(
        queue_id=queue_id, file=file, file_name=file_name, actor=actor, source="Argus", dry_run=dry_run
    )


def request_table(
    *,
    table: ArgusTable,
    file: IO[bytes],
    file_name: str,
    target: Mapping[str, Any],
    actor: User | None,
    dry_run: bool = False,
) -> Job:
    """Start the import of a table; of one table and target one import is active at a time.

    `target` is that of `import_table`. Raises `NotAllowedError`, `NotFoundError` and `ConflictError` for the
    target, `FileRefusedError` for a file that is wrong from its start.
    """
    require_operating(actor)
    require(actor, _MAY[table])
    what = _check_target(table, target, actor)
    digest(file)
    next(islice(open_named(file, FORMATS[table].names).rows(), 1))
    file.seek(0)
    with transaction.atomic():
        upload = ArgusUpload.objects.create(file_name=file_name[-255:], content=file.read())
        params = {"table": str(table), "upload_id": upload.pk, "target": dict(target), "dry_run": dry_run}
        title = Phrase(gettext_noop("Argus: %(file)s – %(what)s"), {"file": file_name[-100:], "what": what})
        return _start(params, actor, title)


def _check_target(table: ArgusTable, target: Mapping[str, Any], actor: User | None) -> Phrase:
    """Refuse a target that is not there or not the actor's; give its name."""
    if table == ArgusTable.OPERATORS:
        queue = queue_by_id(target["queue_id"])
        if target["last_day"] < target["first_day"]:
            message = _("The last day is before the first.")
            raise DomainError(message, fields={"last_day": [message]})
        return Phrase.plain(str(queue))
    if table == ArgusTable.SCHEDULES:
        editable_variant(target["variant_id"], actor)
        return Phrase.plain(str(draft_variant(target["variant_id"])))
    return Phrase(gettext_noop("Employees"))


def import_upload(*, job: JobContext, actor: User | None) -> ArgusImport:
    """Import a kept file by the parameters of its job; the file goes with the outcome, not before.

    While somebody else holds what is written (`LockHeldError`), the job waits its turn.
    """
    upload = ArgusUpload.objects.filter(pk=job.params["upload_id"]).first()
    if upload is None:
        raise _no_longer_kept()
    file, file_name = upload.opened(), upload.file_name
    return import_table(
        table=ArgusTable(job.params["table"]),
        file=file,
        file_name=file_name,
        target=job.params["target"],
        actor=actor,
        dry_run=job.params["dry_run"],
        job=job,
    )


def is_file_kept(job: Job) -> bool:
    """Tell whether the file of an import is still there to begin again with."""
    return ArgusUpload.objects.filter(pk=job.params["upload_id"]).exists()


def repeat_import(job: Job, actor: User | None) -> Job:
    """Start the import of a job that came to nothing again; `FileRefusedError` when its file has gone."""
    require_operating(actor)
    require(actor, _MAY[ArgusTable(job.params["table"])])
    with transaction.atomic():
        if not ArgusUpload.objects.select_for_update().filter(pk=job.params["upload_id"]).values("pk"):
            raise _no_longer_kept()
        return _start(dict(job.params), actor, job.title)


def drop_expired_uploads() -> int:
    """Drop the files that came to nothing days ago, and give how many went."""
    return ArgusUpload.objects.filter(created_at__lt=clock.now() - UPLOADS_KEPT).delete()[0]


def _start(params: dict[str, Any], actor: User | None, title: Phrase) -> Job:
    place = params["target"].get("queue_id") or params["target"].get("variant_id") or ""
    return start(
        IMPORT_KIND,
        params=params,
        actor=actor,
        title=title,
        queue="bulk",
        dedupe_key=f"argus:{params['table']}:{place}",
    )


def _no_longer_kept() -> FileRefusedError:
    return FileRefusedError(Phrase(gettext_noop("The file of this job is no longer kept: send it again.")))
