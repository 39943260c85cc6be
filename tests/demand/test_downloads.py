"""History that leaves as a file comes back unchanged."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
import python_calamine
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.exporting import TooManyRowsError, to_csv, to_xlsx
from apps.core.partitions import ensure_months
from apps.demand.models import HistoryExport, ImportBatch, ImportUpload, IntervalHistory
from apps.demand.selectors.recorded import has_more_intervals, recorded_intervals
from apps.demand.services import exporting
from apps.demand.services.exporting import (
    EXPORTS_KEPT,
    history_columns,
    history_table,
    request_export,
)
from apps.demand.services.importing import UPLOADS_KEPT
from apps.demand.services.reading.layout import COLUMN_OF, column_of
from apps.demand.tasks import drop_expired
from apps.demand.views import downloads
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_now
from tests.demand.files import load
from tests.factories import make_history, make_import_batch, make_queue, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from apps.core.exporting import Table
    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
COUNTS = ("offered", "handled", "abandoned", "handle_s", "wrap_s", "answered_in_target")
HOUR = dt.timedelta(hours=1)
EVER = (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC))


def recorded(queue: Queue) -> list[tuple[Any, ...]]:
    rows = IntervalHistory.objects.filter(queue=queue).order_by("start")
    return list(rows.values_list("start", "step_s", *COUNTS))


@pytest.mark.parametrize("write", [to_xlsx, to_csv])
@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Moscow", dt.datetime(2014, 10, 25, 20, tzinfo=dt.UTC)),
        ("Europe/Berlin", dt.datetime(2025, 10, 25, 22, tzinfo=dt.UTC)),
        ("Europe/Berlin", dt.datetime(2025, 3, 29, 22, tzinfo=dt.UTC)),
        ("Asia/Kathmandu", dt.datetime(2025, 3, 29, 22, 15, tzinfo=dt.UTC)),
    ],
    ids=["Moscow 2014", "Berlin autumn", "Berlin spring", "Kathmandu"],
)
def test_history_over_a_clock_change_comes_back_as_it_was(
    write: Callable[[Table], bytes], language: str, zone: str, start: dt.datetime
) -> None:
    queue = make_queue(time_zone=zone)
    make_history(queue, start, list(range(16)), step_s=1800)
    with translation.override(language):
        content = write(history_table(queue, start, start + 8 * HOUR))
    again = load(queue, content)
    assert (again.rows_read, again.rows_unchanged, again.rows_refused) == (16, 16, 0)
    other = make_queue(time_zone="Asia/Vladivostok")
    load(other, content)
    assert recorded(other) == recorded(queue), "the file itself says whose clock it is on"


COUNT = st.one_of(st.none(), st.integers(0, 10**6))
ROWS = st.dictionaries(
    st.integers(0, 300),
    st.tuples(st.integers(0, 10**6), COUNT, COUNT, COUNT, COUNT, COUNT),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, step_s=st.sampled_from([300, 900, 1800, 3600]), write=st.sampled_from([to_xlsx, to_csv]))
def test_any_history_comes_back_as_it_was(
    rows: dict[int, tuple[int | None, ...]], step_s: int, write: Callable[[Table], bytes]
) -> None:
    queue, other = make_queue(time_zone="Europe/Berlin"), make_queue(time_zone="Europe/Berlin")
    first = dt.datetime(2025, 10, 20, tzinfo=dt.UTC)
    starts = {place: first + dt.timedelta(seconds=step_s * place) for place in rows}
    ensure_months(IntervalHistory, first, max(starts.values()))
    batch = make_import_batch(queue)
    IntervalHistory.objects.bulk_create(
        IntervalHistory(
            queue=queue,
            batch=batch,
            start=starts[place],
            step_s=step_s,
            **dict(zip(COUNTS, counts, strict=True)),
        )
        for place, counts in rows.items()
    )
    content = write(history_table(queue, first, max(starts.values()) + HOUR))
    assert load(other, content).rows_refused == 0
    assert recorded(other) == recorded(queue)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_import_knows_every_heading_of_the_export(language: str) -> None:
    with translation.override(language):
        known = [column_of(column.heading) for column in history_columns()]
    assert sorted(filter(None, known)) == sorted(set(COLUMN_OF.values()) - {"aht_s"})


def test_the_page_s_days_or_all_of_them_are_downloaded(client: Client) -> None:
    client.force_login(make_user("planner"))
    queue = make_queue()
    make_history(queue, dt.datetime(2025, 3, 1, tzinfo=dt.UTC), [5] * 48 * 9)
    address = reverse("demand:history-download", args=[queue.code])

    def rows(**query: str) -> int:
        book = python_calamine.load_workbook(io.BytesIO(client.get(address, query).content))
        return len(book.get_sheet_by_index(0).to_python()) - 1

    assert rows(days="all") == 48 * 9
    assert rows(**{"from": "2025-03-02", "days": "2"}) == 96
    assert client.get(address, {"days": "1000"}).status_code == 400
    assert client.get(reverse("demand:history-download", args=["nowhere"])).status_code == 404


def test_an_aggregated_queue_leaves_as_the_sum_of_its_members(client: Client) -> None:
    client.force_login(make_user("planner"))
    one, two, whole = make_queue(), make_queue(), make_queue()
    whole.members.set([one, two])
    start = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    for queue, offered in ((one, [1, 2]), (two, [10, 20])):
        make_history(queue, start, offered)
    copy = make_queue()
    load(copy, to_xlsx(history_table(whole, start, start + HOUR)))
    assert [row[2] for row in recorded(copy)] == [11, 22]


def test_the_file_to_begin_with_can_be_imported_as_it_is(client: Client) -> None:
    client.force_login(make_user("planner"))
    queue = make_queue()
    template = client.get(reverse("demand:history-template", args=[queue.code]))
    batch = load(queue, template.content, dry_run=True)
    assert (batch.rows_loaded, batch.rows_refused, batch.details["unknown"]) == (4, 0, [])
    assert not ImportBatch.objects.get().reason


@pytest.mark.parametrize("step_s", [300, 900, 3600])
def test_the_file_to_begin_with_has_the_step_of_the_history(client: Client, step_s: int) -> None:
    client.force_login(make_user("planner"))
    queue = make_queue(step_minutes=30)
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    make_history(queue, today - dt.timedelta(days=2), [5] * (3 * 86_400 // step_s), step_s=step_s)
    template = client.get(reverse("demand:history-template", args=[queue.code]))
    batch = load(queue, template.content, dry_run=True)
    assert (batch.state, batch.rows_loaded, batch.rows_refused) == ("checked", 4, 0), batch.reason


def test_the_whole_history_is_written_by_a_job(client: Client) -> None:
    planner = make_user("planner")
    client.force_login(planner)
    queue = make_queue()
    make_history(queue, dt.datetime(2025, 3, 1, tzinfo=dt.UTC), list(range(48 * 5)))
    sent = client.post(reverse("demand:history-export", args=[queue.code]))
    job = run_now(Job.objects.get(pk=sent["Location"].split("/")[2]))
    assert (job.state, job.progress) == (JobState.SUCCEEDED, 1.0), job.reason
    answer = client.get(job.result_url)
    assert "attachment" in answer["Content-Disposition"]
    assert load(queue, answer.content).rows_unchanged == 48 * 5
    taken = AuditEntry.objects.get(action="table.download")
    assert (taken.actor, taken.object_id) == (planner, "demand:history-file")
    assert queue.name in taken.after["table"]
    client.head(job.result_url)
    assert AuditEntry.objects.filter(action="table.download").count() == 1, "a HEAD takes nothing"
    client.force_login(make_user("planner"))
    assert client.get(job.result_url).status_code == 404, "the file is for whoever asked for it"
    client.force_login(make_user("employee"))
    assert client.post(reverse("demand:history-export", args=[queue.code])).status_code == 302
    assert Job.objects.count() == 1


def test_a_history_too_long_for_a_request_is_counted_not_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_user("planner"))
    queue = make_queue()
    make_history(queue, dt.datetime(2025, 3, 1, tzinfo=dt.UTC), [1] * 20)
    address = reverse("demand:history-download", args=[queue.code])
    monkeypatch.setattr(downloads, "MOST_ROWS_AT_ONCE", 20)
    assert client.get(address, {"days": "all"}).status_code == 200
    monkeypatch.setattr(downloads, "MOST_ROWS_AT_ONCE", 19)
    monkeypatch.setattr(exporting, "recorded_intervals", pytest.fail)
    with translation.override("en"), pytest.raises(TooManyRowsError, match="more than 19 rows"):
        history_table(queue, *EVER, most_rows=19)
    assert client.get(address, {"days": "all"}).status_code in {302, 400}


def test_intervals_of_a_sum_are_counted_as_they_are_read() -> None:
    parts = [make_queue(), make_queue()]
    whole = make_queue()
    whole.members.set(parts)
    for part, step_s in zip(parts, (1800, 3600), strict=True):
        make_history(part, dt.datetime(2025, 3, 1, tzinfo=dt.UTC), [1] * 4, step_s=step_s)
    rows = recorded_intervals(whole.pk, *EVER)["start"].size
    assert not has_more_intervals(whole.pk, *EVER, rows)
    assert has_more_intervals(whole.pk, *EVER, rows - 1)


def test_files_are_kept_for_some_days(client: Client) -> None:
    planner, queue = make_user("planner"), make_queue()
    make_history(queue, dt.datetime(2025, 3, 1, tzinfo=dt.UTC), [1])
    made = run_now(request_export(queue_id=queue.pk, actor=planner))
    stale = ImportUpload.objects.create(file_name="old.csv", content=b"x")
    fresh = ImportUpload.objects.create(file_name="new.csv", content=b"x")
    drop_expired()
    assert (HistoryExport.objects.count(), ImportUpload.objects.count()) == (1, 2)
    HistoryExport.objects.update(created_at=clock.now() - EXPORTS_KEPT - HOUR)
    ImportUpload.objects.filter(pk=stale.pk).update(created_at=clock.now() - UPLOADS_KEPT - HOUR)
    drop_expired()
    client.force_login(planner)
    assert client.get(made.result_url).status_code == 404
    assert not HistoryExport.objects.exists()
    assert list(ImportUpload.objects.values_list("pk", flat=True)) == [fresh.pk]


def test_there_is_no_file_of_no_history(client: Client) -> None:
    client.force_login(make_user("planner"))
    queue = make_queue()
    client.post(reverse("demand:history-export", args=[queue.code]))
    assert not Job.objects.exists()
    job = request_export_of_dropped_history(queue)
    assert run_now(job).state == JobState.FAILED


def request_export_of_dropped_history(queue: Queue) -> Job:
    make_history(queue, dt.datetime(2025, 3, 1, tzinfo=dt.UTC), [1])
    job = request_export(queue_id=queue.pk, actor=None)
    IntervalHistory.objects.all().delete()
    return job
