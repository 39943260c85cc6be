"""Importing a file of interval history: check, load what is right, list what is not."""

from __future__ import annotations

import datetime as dt
import io
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core import clock, zones
from apps.core.events import emit
from apps.core.phrases import Phrase
from apps.demand.choices import ImportState
from apps.demand.errors import FileRefusedError, OtherStepError
from apps.demand.models import ImportBatch, ImportRowError, ImportUpload
from apps.demand.services.loading import Loaded, load_intervals
from apps.demand.services.reading.history import Clock, intervals_of
from apps.demand.services.reading.limits import DEFAULT_LIMITS, Limits
from apps.demand.services.reading.source import digest_of
from apps.demand.services.reading.table import check_start, read_table
from apps.jobs.services import start
from apps.organization.selectors import queue_by_id

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.demand.services.reading.table import Table
    from apps.demand.types import HistoryRows
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext
    from apps.organization.models import Queue

IMPORT_KIND = "demand.import"
UPLOADS_KEPT = dt.timedelta(days=7)
_READING_SHARE = 0.6  # of the progress bar


@dataclass(frozen=True, slots=True)
class _Request:
    queue: Queue
    file: IO[bytes]
    file_name: str
    actor: User | None
    source: str
    weeks_shifted: int
    dry_run: bool
    limits: Limits
    job: JobContext | None


def import_history(
    *,
    queue_id: int,
    file: IO[bytes],
    file_name: str,
    actor: User | None,
    source: str = "",
    weeks_shifted: int = 0,
    dry_run: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    job: JobContext | None = None,
) -> ImportBatch:
    """Read a seekable file of intervals into a queue's history; a dry run only reports what that would do.

    The good rows are loaded, the broken ones listed with line, column and reason (the first
    `limits.errors_kept`, the count is exact). `weeks_shifted` moves local times
    by whole weeks before they become instants.

    Raises
    ------
    NotAllowedError
        The actor may not import history; no actor is the system itself.
    FileRefusedError
        The file as a whole is refused; a batch that says why is kept, `extra["batch_id"]` names it.
    OtherStepError
        The span already holds intervals of another length; kept likewise.
    LockHeldError
        Somebody else writes this history and takes long; nothing is kept, the same may succeed later.

    """
    require(actor, Capability.IMPORT_HISTORY)
    request = _Request(
        queue_by_id(queue_id),
        file,
        file_name[-255:],
        actor,
        source[:300],
        weeks_shifted,
        dry_run,
        limits,
        job,
    )
    begun = time.perf_counter()
    sha256 = ""
    try:
        sha256 = digest_of(file, limits)
        table, rows = _read(request)
        return _store(request, table, rows, sha256, begun)
    except (FileRefusedError, OtherStepError) as refusal:
        batch = _keep_refusal(request, sha256, refusal, begun)
        refusal.extra["batch_id"] = batch.pk
        raise


def _read(request: _Request) -> tuple[Table, HistoryRows]:
    def after_block(rows_read: int, fraction: float) -> None:
        if request.job:
            request.job.check_cancelled()
            request.job.progress(
                _READING_SHARE * fraction,
                Phrase(_("Reading: %(rows)s rows"), {"rows": rows_read}),
            )

    queue = request.queue
    table = read_table(request.file, request.limits, group=queue.external_id, after_block=after_block)
    now = zones.to_instant(clock.now())
    rows = intervals_of(table, Clock(queue.time_zone, request.weeks_shifted, now, queue.step_minutes * 60))
    if request.job:
        request.job.check_cancelled()
        request.job.progress(_READING_SHARE, Phrase(_("Loading")))
    return table, rows


@transaction.atomic
def _store(request: _Request, table: Table, rows: HistoryRows, sha256: str, begun: float) -> ImportBatch:
    batch = _new_batch(request, sha256, ImportState.CHECKED if request.dry_run else ImportState.APPLIED)
    batch.save()
    loaded = load_intervals(
        queue_id=request.queue.pk, rows=rows, batch_id=None if request.dry_run else batch.pk
    )
    _count(batch, table, rows, loaded)
    batch.seconds = time.perf_counter() - begun
    batch.save()
    errors = table.report.sorted()
    ImportRowError.objects.bulk_create(
        (
            ImportRowError(
                batch=batch, line=error.line, column=error.column, reason=error.reason, value=error.value
            )
            for error in errors
        ),
        batch_size=1000,
    )
    facts = _facts(batch)
    record(action="demand.import", obj=batch, actor=request.actor, after=facts)
    if loaded.written and not request.dry_run:
        emit(
            "history.imported",
            aggregate="demand.importbatch",
            aggregate_id=batch.pk,
            data=facts,
            actor=request.actor,
        )
    if request.job:
        _drop_upload(request.job)
        request.job.conclude(_result(batch))
    return batch


def _result(batch: ImportBatch) -> dict[str, Any]:
    return {
        "batch_id": batch.pk,
        "rows_loaded": batch.rows_loaded,
        "rows_unchanged": batch.rows_unchanged,
        "rows_refused": batch.rows_refused,
        "url": reverse("demand:import-page", args=[batch.pk]),
    }


def _drop_upload(job: JobContext) -> None:
    ImportUpload.objects.filter(pk=job.params["upload_id"]).delete()


def _new_batch(request: _Request, sha256: str, state: ImportState) -> ImportBatch:
    return ImportBatch(
        queue=request.queue,
        file_name=request.file_name,
        sha256=sha256,
        source=request.source,
        state=state,
        weeks_shifted=request.weeks_shifted,
        job_id=request.job.job_id if request.job else None,
        created_by=request.actor,
    )


def _count(batch: ImportBatch, table: Table, rows: HistoryRows, loaded: Loaded) -> None:
    batch.rows_read = table.rows_read
    batch.rows_loaded = loaded.written
    batch.rows_unchanged = loaded.unchanged
    batch.rows_refused = table.report.count
    if len(rows):
        batch.first_start = zones.to_datetime(rows.starts[0])
        batch.last_start = zones.to_datetime(rows.starts[-1])
    batch.details = {
        "step_s": rows.step_s,
        "format": table.kind,
        "sheet": table.sheet,
        "other_sheets": list(table.other_sheets),
        "time_zone": table.layout.zone or batch.queue.time_zone,
        "separator": table.layout.separator if table.kind == "csv" else "",
        "columns": table.layout.labels,
        "unknown": list(table.layout.unknown),
        "errors_kept": len(table.report.kept),
    }


def _keep_refusal(
    request: _Request, sha256: str, refusal: FileRefusedError | OtherStepError, begun: float
) -> ImportBatch:
    with transaction.atomic():
        batch = _new_batch(request, sha256, ImportState.REFUSED)
        batch.reason = refusal.phrase
        batch.seconds = time.perf_counter() - begun
        batch.save()
        record(
            action="demand.refuse_import",
            obj=batch,
            actor=request.actor,
            after={"reason": batch.reason.as_json()},
        )
        if request.job:
            _drop_upload(request.job)
            request.job.refuse(refusal.phrase)
    return batch


def _facts(batch: ImportBatch) -> dict[str, Any]:
    return {
        "queue_id": batch.queue_id,
        "state": str(batch.state),
        "rows_read": batch.rows_read,
        "rows_loaded": batch.rows_loaded,
        "rows_refused": batch.rows_refused,
        "first_start": batch.first_start.isoformat() if batch.first_start else None,
        "last_start": batch.last_start.isoformat() if batch.last_start else None,
    }


def request_import(
    *,
    queue_id: int,
    file: IO[bytes],
    file_name: str,
    actor: User | None,
    source: str = "",
    weeks_shifted: int = 0,
    dry_run: bool = False,
) -> Job:
    """Keep a file and start the job that imports it; one that is wrong from its start is refused at once."""
    require(actor, Capability.IMPORT_HISTORY)
    queue = queue_by_id(queue_id)
    digest_of(file, DEFAULT_LIMITS)
    check_start(file, DEFAULT_LIMITS, group=queue.external_id)
    file.seek(0)
    with transaction.atomic():
        upload = ImportUpload.objects.create(file_name=file_name[-255:], content=file.read())
        params = {
            "queue_id": queue.pk,
            "upload_id": upload.pk,
            "source": source,
            "weeks_shifted": weeks_shifted,
            "dry_run": dry_run,
        }
        title = Phrase(_("Import of %(file)s into %(queue)s"), {"file": file_name, "queue": str(queue)})
        return _start(queue, params, actor, title)


def import_upload(*, upload_id: int, job: JobContext, actor: User | None) -> ImportBatch:
    """Import a kept file by the parameters of its job; the file goes with the outcome, not before.

    While somebody else holds the history (`LockHeldError`), the job waits its turn.
    """
    upload = ImportUpload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise _no_longer_kept()
    file, file_name = io.BytesIO(upload.content), upload.file_name
    del upload  # or the content would be held twice
    return import_history(
        queue_id=job.params["queue_id"],
        file=file,
        file_name=file_name,
        actor=actor,
        source=job.params["source"],
        weeks_shifted=job.params["weeks_shifted"],
        dry_run=job.params["dry_run"],
        job=job,
    )


def is_file_kept(job: Job) -> bool:
    """Tell whether the file of an import is still there to begin again with."""
    return ImportUpload.objects.filter(pk=job.params["upload_id"]).exists()


def repeat_import(job: Job, actor: User | None) -> Job:
    """Start the import of a job that came to nothing again; `FileRefusedError` when its file has gone."""
    require(actor, Capability.IMPORT_HISTORY)
    with transaction.atomic():
        if not ImportUpload.objects.select_for_update().filter(pk=job.params["upload_id"]).values("pk"):
            raise _no_longer_kept()
        return _start(queue_by_id(job.params["queue_id"]), dict(job.params), actor, job.title)


def _start(queue: Queue, params: dict[str, Any], actor: User | None, title: Phrase) -> Job:
    return start(
        IMPORT_KIND,
        params=params,
        actor=actor,
        title=title,
        queue="bulk",
        dedupe_key=f"import:{queue.pk}",
    )


def _no_longer_kept() -> FileRefusedError:
    return FileRefusedError(Phrase(_("The file of this job is no longer kept: send it again.")))
