from __future__ import annotations

import datetime as dt
import io
import threading
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.core import locks
from apps.core.errors import ConflictError, NotAllowedError
from apps.demand.api.parsing import IntervalsParser
from apps.demand.choices import ImportState
from apps.demand.errors import FileRefusedError
from apps.demand.models import ImportBatch, ImportUpload, IntervalHistory
from apps.demand.services import importing
from apps.demand.services.importing import import_history, request_import
from apps.demand.services.loading import HISTORY_LOCK
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import JobCancelled
from apps.jobs.services import repeat, run, run_now
from tests.concurrency import at_once
from tests.demand.workbooks import HEADING, workbook
from tests.factories.accounts import make_user
from tests.factories.organization import make_department, make_queue

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
FILE = b"start;calls\n03.03.2025 07:00;120\n03.03.2025 07:15;99\nx;1\n"


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def upload(client: APIClient, queue_id: int, content: bytes, **facts: object) -> object:
    file = io.BytesIO(content)
    file.name = "history.csv"
    return client.post(
        reverse("demand:api-imports", args=[queue_id]), {"file": file, **facts}, format="multipart"
    )


@pytest.fixture
def planner_client() -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user(Role.PLANNER))
    return client


def test_a_job_imports_the_kept_file_and_drops_it() -> None:
    planner = make_user(Role.PLANNER)
    queue = make_queue()
    job = request_import(
        queue_id=queue.pk, file=io.BytesIO(FILE), file_name="h.csv", actor=planner, source="mail"
    )
    with pytest.raises(ConflictError):
        request_import(queue_id=queue.pk, file=io.BytesIO(FILE), file_name="h.csv", actor=planner)
    job = run_now(job)
    assert job.state == JobState.SUCCEEDED, job.reason
    batch = ImportBatch.objects.get(pk=job.result["batch_id"])
    assert (batch.source, batch.created_by, batch.job_id) == ("mail", planner, job.pk)
    assert job.result_url == reverse("demand:import-page", args=[batch.pk])
    assert IntervalHistory.objects.filter(queue=queue).count() == 2
    assert not ImportUpload.objects.exists()


def test_a_wrong_file_is_refused_before_a_job_is_made() -> None:
    with pytest.raises(FileRefusedError):
        request_import(
            queue_id=make_queue().pk, file=io.BytesIO(b"PK\x03\x04"), file_name="h.xlsx", actor=None
        )
    assert not Job.objects.exists()


def test_what_only_the_job_finds_fails_it_with_the_reason() -> None:
    queue = make_queue()
    daily = b"01.03.2025 00:00;1\n02.03.2025 00:00;1\n"
    job = run_now(request_import(queue_id=queue.pk, file=io.BytesIO(daily), file_name="d.csv", actor=None))
    assert job.state == JobState.FAILED
    assert "86400 s apart" in str(job.reason)
    assert not ImportUpload.objects.exists()


def ask(queue: Queue, content: bytes = FILE) -> Job:
    return request_import(queue_id=queue.pk, file=io.BytesIO(content), file_name="h.csv", actor=None)


@pytest.mark.django_db(transaction=True)
def test_an_import_that_meets_a_held_lock_waits_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT_S", 0.2)
    queue = make_queue()
    job = ask(queue)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locks.advisory_lock(HISTORY_LOCK.format(queue.pk))
            held.set()
            assert let_go.wait(30)

    def meet() -> tuple[JobState | None, str, int, int]:
        try:
            assert held.wait(10)
            state = run(job.pk)
            return state, Job.objects.get(pk=job.pk).state, ImportUpload.objects.count(), refused()
        finally:
            let_go.set()

    holder, met = at_once(hold, meet)
    assert holder is None
    assert met == (None, JobState.QUEUED, 1, 0)
    done = run_now(job)
    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 2), done.reason
    assert IntervalHistory.objects.filter(queue=queue).count() == 2
    assert not ImportUpload.objects.exists()


def refused() -> int:
    return ImportBatch.objects.filter(state=ImportState.REFUSED).count()


def test_an_import_that_broke_can_be_started_again_while_its_file_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planner, queue = make_user(Role.PLANNER), make_queue()
    job = ask(queue)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "read_table", broken)
        with pytest.raises(ZeroDivisionError):
            run(job.pk)
    assert Job.objects.get(pk=job.pk).can_be_repeated
    assert ImportUpload.objects.exists()
    Job.objects.filter(pk=job.pk).update(created_by=planner, as_system=False)
    with pytest.raises(NotAllowedError):
        importing.repeat_import(Job.objects.get(pk=job.pk), make_user(Role.EMPLOYEE))
    again = repeat(job.pk, actor=planner)
    assert repeat(job.pk, actor=planner) == again
    assert (again.title, again.created_by) == (job.title, planner)
    assert run_now(again).state == JobState.SUCCEEDED
    assert IntervalHistory.objects.filter(queue=queue).count() == 2
    with pytest.raises(FileRefusedError, match="no longer kept"):
        importing.repeat_import(job, planner)


def broken(*_arguments: object, **_options: object) -> None:
    raise ZeroDivisionError


def test_another_step_refuses_the_file_and_drops_it() -> None:
    queue = make_queue()
    run_now(ask(queue))
    half_hours = b"start;calls\n03.03.2025 07:00;120\n03.03.2025 07:30;99\n"
    job = run_now(ask(queue, half_hours))
    assert (job.state, refused()) == (JobState.FAILED, 1)
    assert "intervals of 15 minutes, the file of 30" in str(job.reason)
    assert not job.can_be_repeated, "its file has gone"
    assert not ImportUpload.objects.exists()


def test_the_api_imports_lists_and_shows_what_was_refused(planner_client: APIClient) -> None:
    queue = make_queue()
    answer = upload(planner_client, queue.pk, FILE, dry_run="true")
    assert answer.status_code == 202
    run_now(Job.objects.get(pk=answer.json()["job"]["id"]))
    (row,) = planner_client.get(reverse("demand:api-imports", args=[queue.pk])).json()["results"]
    assert (row["state"], row["rows_loaded"], row["rows_refused"]) == ("checked", 2, 1)
    errors = planner_client.get(reverse("demand:api-import-errors", args=[row["id"]])).json()["results"]
    assert errors[0]["line"] == 4
    assert planner_client.get(reverse("demand:api-import", args=[row["id"]])).json()["id"] == row["id"]


def test_the_api_refuses_with_a_problem_document(planner_client: APIClient) -> None:
    queue = make_queue()
    answer = upload(planner_client, queue.pk, b"name;salary\nA;1\n")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "file_refused"
    without_file = planner_client.post(reverse("demand:api-imports", args=[queue.pk]))
    assert list(without_file.json()["fields"]) == ["file"]
    assert upload(planner_client, 10**6, FILE).status_code == 404


def test_the_api_gives_history_as_arrays(planner_client: APIClient) -> None:
    queue = make_queue()
    run_now(request_import(queue_id=queue.pk, file=io.BytesIO(FILE), file_name="h.csv", actor=None))
    address = reverse("demand:api-history", args=[queue.pk])
    span = {"start": "2025-03-03T03:45:00Z", "end": "2025-03-03T04:45:00Z"}
    answer = planner_client.get(address, span).json()
    assert answer["offered"] == [None, 120.0, 99.0, None]
    assert planner_client.get(address, {**span, "end": span["start"]}).status_code == 400


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.SUPERVISOR])
def test_others_may_neither_import_nor_look(role: Role) -> None:
    client = APIClient()
    client.force_authenticate(
        make_user(role, department=make_department() if role == Role.SUPERVISOR else None)
    )
    queue = make_queue()
    assert upload(client, queue.pk, FILE).status_code == 403
    assert client.get(reverse("demand:api-imports", args=[queue.pk])).status_code == 403


def test_the_command_imports_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queue = make_queue()
    path = tmp_path / "history.csv"
    path.write_bytes(FILE)
    call_command("import_history", str(path), "--queue", queue.code, "--shift-weeks", "2")
    told = capsys.readouterr()
    assert "3 rows read, 2 loaded, 0 unchanged, 1 refused" in told.out
    assert "line 4: start: Not a date and time" in told.err
    assert ImportBatch.objects.get().weeks_shifted == 2
    with pytest.raises(CommandError, match="no queue nowhere"):
        call_command("import_history", str(path), "--queue", "nowhere")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_history", str(tmp_path / "none"), "--queue", queue.code)


RECORDS = [{"start": "2025-03-03T07:00", "calls": 120}, {"start": "2025-03-03T07:15", "calls": -1}]


def test_the_api_takes_intervals_as_json(planner_client: APIClient) -> None:
    queue = make_queue()
    address = reverse("demand:api-imports", args=[queue.pk])
    answer = planner_client.post(f"{address}?dry_run=true&source=system", RECORDS, format="json")
    assert answer.status_code == 202, answer.content
    run_now(Job.objects.get(pk=answer.json()["job"]["id"]))
    (row,) = planner_client.get(address).json()["results"]
    assert (row["state"], row["source"], row["rows_loaded"], row["rows_refused"]) == (
        "checked",
        "system",
        1,
        1,
    )
    assert row["details"]["format"] == "json"
    wrong = planner_client.post(address, {"rows": 5}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "file_refused")
    assert planner_client.post(f"{address}?dry=1", RECORDS, format="json").status_code == 400


def test_a_body_of_json_has_its_own_cap(settings: SettingsWrapper) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024
    parser = IntervalsParser()
    assert parser.parse(io.BytesIO(b" " * 1024))["file"].size == 1024
    with pytest.raises(FileRefusedError, match="1 kB; send more as a file"):
        parser.parse(io.BytesIO(b" " * 1025))


def test_a_workbook_is_imported_by_page_api_and_command(
    planner_client: APIClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = workbook({"Март": [HEADING, ("03.03.2025 07:00", 120, 180), ("x", 1, 1)], "Other": [("a",)]})
    queue = make_queue()
    run_now(Job.objects.get(pk=upload(planner_client, queue.pk, book).json()["job"]["id"]))
    batch = ImportBatch.objects.get()
    assert (batch.rows_loaded, batch.rows_refused, batch.details["sheet"]) == (1, 1, "Март")
    path = tmp_path / "history.xlsx"
    path.write_bytes(book)
    call_command("import_history", str(path), "--queue", queue.code)
    told = capsys.readouterr()
    assert "2 rows read, 0 loaded, 1 unchanged, 1 refused" in told.out
    assert "sheet not read: Other" in told.err
    assert "sheet Март, row 3: A: Дата" in told.err
    browser = Client()
    browser.force_login(make_user(Role.PLANNER))
    sent = SimpleUploadedFile("history.csv", book)
    page = browser.post(reverse("demand:import", args=[queue.code]), {"file": sent, "dry_run": "on"})
    job = Job.objects.get(pk=page["Location"].split("/")[2])
    assert run_now(job).result["rows_unchanged"] == 1
    assert "Март" in browser.get(run_now(job).result_url).content.decode()


def test_a_large_workbook_tells_how_far_it_is_and_can_be_stopped() -> None:
    rows = [(dt.datetime(2020, 1, 1) + dt.timedelta(minutes=5 * n), n % 90, 180) for n in range(30_000)]  # noqa: DTZ001 - the wall clock of a sheet
    file = io.BytesIO(workbook({"S": [HEADING, *rows]}))
    queue = make_queue()
    told: list[float] = []

    class Watching:
        job_id = None
        params: dict[str, object] = {}

        def check_cancelled(self) -> None:
            if len(told) == 2:
                raise JobCancelled

        def progress(self, fraction: float, _stage: object = None) -> None:
            told.append(fraction)

    with pytest.raises(JobCancelled):
        import_history(queue_id=queue.pk, file=file, file_name="b.xlsx", actor=None, job=Watching())  # type: ignore[arg-type]
    assert 0 < told[0] < told[1] < 0.5
    assert not IntervalHistory.objects.exists()
