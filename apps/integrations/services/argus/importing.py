"""Importing a table of Argus: read, check, load what is right, list what is not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from apps.audit.services import record
from apps.core.errors import ConflictError
from apps.core.events import emit
from apps.core.locks import LockHeldError
from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.integrations.choices import ArgusState, ArgusTable
from apps.integrations.models import ArgusImport, ArgusRefusal, ArgusUpload
from apps.integrations.policies import require_operating
from apps.integrations.services.argus.employees import load_employees
from apps.integrations.services.argus.operators import load_operators
from apps.integrations.services.argus.schedules import load_schedules
from apps.integrations.services.argus.table import digest, open_named
from apps.integrations.services.argus.work import READING_SHARE, Numbered, Work
from apps.integrations.wire.argus.columns import EMPLOYEE_NAMES, OPERATOR_NAMES, SHIFT_NAMES
from apps.integrations.wire.argus.rows import RowRefusedError, employee_row, operator_row, shift_row
from apps.jobs.registry import JobCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apps.accounts.models import User
    from apps.integrations.services.argus.table import NamedTable
    from apps.integrations.wire.argus.columns import Names
    from apps.jobs.registry import JobContext

ROWS_BETWEEN_LOOKS = 1_000


@dataclass(frozen=True)
class Format:
    """How one table is read and loaded."""

    names: Names
    parse: Callable[[Mapping[str, str]], Any]
    load: Callable[[Any, Work], None]


FORMATS = {
    ArgusTable.OPERATORS: Format(OPERATOR_NAMES, operator_row, load_operators),
    ArgusTable.EMPLOYEES: Format(EMPLOYEE_NAMES, employee_row, load_employees),
    ArgusTable.SCHEDULES: Format(SHIFT_NAMES, shift_row, load_schedules),
}


def import_table(
    *,
    table: ArgusTable,
    file: IO[bytes],
    file_name: str,
    target: Mapping[str, Any],
    actor: User | None,
    dry_run: bool = False,
    job: JobContext | None = None,
) -> ArgusImport:
    """Read a file and load its good rows into `target`; a dry run only reports what that would do.

    `target`: for operators `queue_id`, `first_day`, `last_day` (ISO); for schedules `variant_id`; for
    employees nothing. Broken rows are kept with line, column, reason and value (the first 1 000, the count is
    exact). What was loaded before it was stopped stays, and is said; the same file again goes on from there.

    Raises
    ------
    NotAllowedError
        The actor may not import this; no actor is the system itself.
    FileRefusedError, ConflictError
        The file or its target as a whole is refused; an import that says why is kept.
    LockHeldError
        Somebody else writes the same and takes long; the same may succeed later.
    JobCancelled
        It was stopped; what it had done is kept.

    """
    require_operating(actor)
    begun = time.perf_counter()
    batch = ArgusImport(
        table=table,
        file_name=file_name[-255:],
        state=ArgusState.CHECKED if dry_run else ArgusState.APPLIED,
        target=dict(target),
        job_id=job.job_id if job else None,
        created_by=actor,
    )
    work: Work | None = None
    try:
        batch.sha256 = digest(file)
        named = open_named(file, FORMATS[table].names)
        source = str(Phrase(_("Argus import: %(file)s"), {"file": file_name}))
        work = Work(target, actor, dry_run, named.report, source, job)
        rows = _read(named, FORMATS[table], job)
        FORMATS[table].load(rows, work)
        _count(batch, named, work)
        _keep(batch, work, begun)
    except LockHeldError:
        raise
    except (FileRefusedError, ConflictError) as refusal:
        _keep_refusal(batch, refusal, job, begun)
        raise
    except JobCancelled:
        if work is not None and work.loaded and not dry_run:
            batch.state = ArgusState.STOPPED
            _count(batch, named, work)
            _keep(batch, work, begun, conclude=False)
        raise
    return batch


def _read(named: NamedTable, form: Format, job: JobContext | None) -> list[Numbered[Any]]:
    rows: list[Numbered[Any]] = []
    for line, cells in named.rows():
        try:
            rows.append(Numbered(line, form.parse(cells)))
        except RowRefusedError as error:
            named.report.add(line, error.column, error.reason, error.value)
        if job is not None and named.rows_read % ROWS_BETWEEN_LOOKS == 0:
            job.check_cancelled()
            told = Phrase(_("Reading: %(rows)s rows"), {"rows": named.rows_read})
            job.progress(READING_SHARE * named.text.fraction(), told)
    return rows


def _count(batch: ArgusImport, named: NamedTable, work: Work) -> None:
    batch.rows_read = named.rows_read
    batch.rows_loaded = work.loaded
    batch.rows_unchanged = work.unchanged
    batch.rows_refused = work.report.count
    batch.details = named.facts() | work.notes


@transaction.atomic
def _keep(batch: ArgusImport, work: Work, begun: float, *, conclude: bool = True) -> None:
    batch.seconds = time.perf_counter() - begun
    batch.save()
    ArgusRefusal.objects.bulk_create(
        (
            ArgusRefusal(
                batch=batch, line=error.line, column=error.column, reason=error.reason, value=error.value
            )
            for error in work.report.sorted()
        ),
        batch_size=1000,
    )
    facts = _facts(batch)
    record(action="argus.import", obj=batch, actor=batch.created_by, after=facts)
    if batch.rows_loaded and not work.dry_run:
        emit(
            "argus.imported",
            aggregate="integrations.argusimport",
            aggregate_id=batch.pk,
            data=facts,
            actor=batch.created_by,
        )
    if work.job is not None and conclude:
        _drop_upload(work.job)
        work.job.conclude(facts | {"url": page_of(batch)})


@transaction.atomic
def _keep_refusal(
    batch: ArgusImport, refusal: FileRefusedError | ConflictError, job: JobContext | None, begun: float
) -> None:
    batch.state = ArgusState.REFUSED
    batch.reason = refusal.phrase
    batch.seconds = time.perf_counter() - begun
    batch.save()
    refusal.extra["batch_id"] = batch.pk
    after = {"reason": batch.reason.as_json()}
    record(action="argus.refuse_import", obj=batch, actor=batch.created_by, after=after)
    if job is not None:
        _drop_upload(job)
        job.refuse(refusal.phrase)


def page_of(batch: ArgusImport) -> str:
    """Give the address of the page that shows the import with its refused rows."""
    return reverse("integrations:argus-import-page", args=[batch.pk])


def _drop_upload(job: JobContext) -> None:
    ArgusUpload.objects.filter(pk=job.params["upload_id"]).delete()


def _facts(batch: ArgusImport) -> dict[str, Any]:
    return {
        "import_id": batch.pk,
        "table": str(batch.table),
        "state": str(batch.state),
        "target": batch.target,
        "rows_read": batch.rows_read,
        "rows_loaded": batch.rows_loaded,
        "rows_unchanged": batch.rows_unchanged,
        "rows_refused": batch.rows_refused,
    }
