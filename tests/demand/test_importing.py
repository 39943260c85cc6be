from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.errors import ConflictError, NotAllowedError
from apps.core.models import OutboxEvent
from apps.demand.api.serializers import ImportBatchSerializer, ImportRowErrorSerializer
from apps.demand.choices import ImportState
from apps.demand.errors import FileRefusedError
from apps.demand.models import ImportBatch, IntervalHistory
from apps.demand.services.reading.limits import Limits
from apps.jobs.registry import JobCancelled
from tests.demand.files import load
from tests.factories.accounts import make_user
from tests.factories.organization import make_queue

if TYPE_CHECKING:
    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
FILE = (
    "start;calls;aht\n03.03.2025 07:00;120;180\n03.03.2025 07:15;99;200\nbroken;1;1\n03.03.2025 07:30;98;0\n"
)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def rows_of(queue: Queue) -> list[tuple[Any, ...]]:
    rows = IntervalHistory.objects.filter(queue=queue).order_by("start")
    return list(rows.values_list("start", "offered", "handled", "handle_s", "batch_id"))


def test_good_rows_are_loaded_and_broken_ones_listed() -> None:
    queue = make_queue(time_zone="Asia/Novosibirsk")
    batch = load(queue, FILE, source="by hand")
    assert (batch.state, batch.rows_read, batch.rows_loaded, batch.rows_refused) == ("applied", 4, 3, 1)
    assert list(batch.errors.values_list("line", "column", "value")) == [(4, "start", "broken")]
    first = dt.datetime(2025, 3, 3, 0, 0, tzinfo=dt.UTC)
    assert [row[:4] for row in rows_of(queue)] == [
        (first, 120, None, 21_600),
        (first + dt.timedelta(minutes=15), 99, None, 19_800),
        (first + dt.timedelta(minutes=30), 98, None, 0),
    ]
    assert (batch.first_start, batch.last_start) == (first, first + dt.timedelta(minutes=30))
    assert batch.details["step_s"] == 900
    event = OutboxEvent.objects.get(type="history.imported")
    assert event.data["rows_loaded"] == 3
    assert AuditEntry.objects.filter(action="demand.import", object_id=str(batch.pk)).exists()


def test_the_same_file_twice_changes_nothing() -> None:
    queue = make_queue()
    load(queue, FILE)
    before = rows_of(queue)
    again = load(queue, FILE)
    assert (again.rows_loaded, again.rows_unchanged, again.rows_refused) == (0, 3, 1)
    assert rows_of(queue) == before
    assert OutboxEvent.objects.filter(type="history.imported").count() == 1


def test_only_rows_that_differ_are_written() -> None:
    queue = make_queue()
    first = load(queue, FILE)
    second = load(queue, FILE.replace(";99;200", ";77;200") + "03.03.2025 07:45;5;\n")
    assert (second.rows_loaded, second.rows_unchanged) == (2, 2)
    assert [(row[1], row[4]) for row in rows_of(queue)] == [
        (120, first.pk),
        (77, second.pk),
        (98, first.pk),
        (5, second.pk),
    ]


def test_a_dry_run_reports_the_same_and_writes_no_interval() -> None:
    queue = make_queue()
    load(queue, FILE)
    changed = FILE.replace(";99;", ";77;")
    checked = load(queue, changed, dry_run=True)
    assert checked.state == ImportState.CHECKED
    assert [row[1] for row in rows_of(queue)] == [120, 99, 98]
    applied = load(queue, changed)
    for name in ("rows_read", "rows_loaded", "rows_unchanged", "rows_refused", "first_start", "last_start"):
        assert getattr(checked, name) == getattr(applied, name)
    listed = [list(batch.errors.values_list("line", "reason")) for batch in (checked, applied)]
    assert listed[0] == listed[1] != []


def test_history_of_another_step_is_refused_and_kept_apart() -> None:
    queue = make_queue()
    load(queue, FILE)
    with pytest.raises(ConflictError, match="intervals of 15 minutes, the file of 5"):
        load(queue, "03.03.2025 07:35;1\n03.03.2025 07:40;2\n03.03.2025 07:45;2\n")
    beside = load(queue, "03.03.2025 07:45;1\n03.03.2025 07:50;2\n03.03.2025 07:55;2\n")
    assert beside.rows_loaded == 3


def test_a_refused_file_is_kept_with_its_reason() -> None:
    queue = make_queue()
    with pytest.raises(FileRefusedError) as refused:
        load(queue, "name;salary\nA;1\n", file_name="people.csv")
    batch = ImportBatch.objects.get(pk=refused.value.extra["batch_id"])
    assert (batch.state, batch.file_name, str(batch.reason)) == (
        "refused",
        "people.csv",
        refused.value.message,
    )
    assert rows_of(queue) == []


def test_reasons_are_read_in_the_language_of_the_reader_whoever_imported() -> None:
    queue = make_queue()
    kept = load(queue, FILE)
    with pytest.raises(FileRefusedError) as refused:
        load(queue, "start;calls\nx;1\ny;2\n")
    batch = ImportBatch.objects.get(pk=refused.value.extra["batch_id"])
    error = kept.errors.get()
    assert refused.value.message.startswith(
        "None of the first 2 rows is a row of intervals. Line 2: Not a date"
    )
    with translation.override("ru"):
        assert str(error.reason).startswith("Не дата и время вида 31.12.2025 09:15")
        assert str(batch.reason).startswith("Ни одна из первых 2 строк")
        assert "Не дата и время" in str(batch.reason)
        assert ImportBatchSerializer(batch).data["reason"] == str(batch.reason)
        assert ImportRowErrorSerializer(error).data["reason"] == str(error.reason)
    assert str(error.reason).startswith("Not a date and time")
    assert not kept.reason


def test_only_those_who_may_import() -> None:
    with pytest.raises(NotAllowedError):
        load(make_queue(), FILE, actor=make_user(Role.EMPLOYEE))
    planner = make_user(Role.PLANNER)
    assert load(make_queue(), FILE, actor=planner).created_by == planner


def test_queries_do_not_grow_with_the_rows() -> None:
    counts = []
    for rows in (10, 3000):
        queue = make_queue()
        start = np.datetime64("2024-01-02T00:00")
        moments = (start + np.arange(rows) * np.timedelta64(5, "m")).astype(str)
        content = "".join(f"{moment};{rows}\n" for moment in moments).replace("-", ".").replace("T", " ")
        with CaptureQueriesContext(connection) as queries:
            load(queue, content)
        counts.append(len(queries))
    assert counts[0] <= 40
    assert counts[1] <= counts[0]


class Job:
    """A job's context that is asked to stop after some blocks."""

    def __init__(self, blocks: int) -> None:
        self.job_id = uuid.uuid4()
        self.params: dict[str, Any] = {"upload_id": 0}
        self.results: list[Any] = []
        self.actor_id = None
        self.left = blocks
        self.shares: list[float] = []

    def progress(self, fraction: float, stage: str = "") -> None:
        assert stage
        assert not connection.in_atomic_block or len(connection.savepoint_ids) == 0
        self.shares.append(fraction)

    def log(self, line: str) -> None: ...

    def cancelled(self) -> bool:
        return self.left <= 0

    def conclude(self, result: Any = None) -> None:
        assert connection.in_atomic_block
        self.results.append(result)

    def refuse(self, reason: str) -> None:
        raise AssertionError(reason)

    def check_cancelled(self) -> None:
        self.left -= 1
        if self.cancelled():
            raise JobCancelled


def test_an_import_tells_its_progress_and_stops_when_asked() -> None:
    queue = make_queue()
    small_blocks = Limits(block_bytes=64)
    whole = Job(blocks=1000)
    batch = load(queue, FILE, job=whole, limits=small_blocks)
    assert batch.job_id == whole.job_id
    assert whole.shares == sorted(whole.shares)
    assert [result["batch_id"] for result in whole.results] == [batch.pk]
    with pytest.raises(JobCancelled):
        load(queue, FILE.replace(";99;", ";1;"), job=Job(blocks=2), limits=small_blocks)
    assert [row[1] for row in rows_of(queue)] == [120, 99, 98]
