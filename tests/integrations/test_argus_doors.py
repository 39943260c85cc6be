"""The doors of Argus: API by file and by JSON, pages, jobs."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.accounts.services.api_keys import issue_key
from apps.core import clock
from apps.demand.models import IntervalHistory
from apps.integrations.choices import ArgusTable, Authentication, System
from apps.integrations.models import ArgusImport, ArgusUpload, Connection
from apps.integrations.services.argus.requesting import UPLOADS_KEPT, drop_expired_uploads
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.organization.models import Employee
from apps.schedules.models import Shift
from apps.staffing.models import CoefficientSpan
from tests.demand.workbooks import workbook
from tests.factories import make_department, make_position, make_queue, make_site, make_user
from tests.schedules.edit_scenes import make_edit_scene

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

pytestmark = pytest.mark.django_db
IMPORT = "/api/v1/integrations/argus/import"
TEST = "/api/v1/integrations/argus/test"
INTERVALS = "01.03.2025 07:00;120;180,5\n01.03.2025 07:15;99;170\n2025.03.01 07:30;x;1\n"


@pytest.fixture(autouse=True)
def _places() -> None:
    make_department(code="sales", name="Sales")
    make_position(name="Operator")
    make_site(code="msk", name="Moscow")


@pytest.fixture
def api() -> APIClient:
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(make_user(Role.ADMIN))
    return client


def sent(name: str, content: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def done(answer: HttpResponse) -> Job:
    assert answer.status_code == 202, answer.content
    return run_now(Job.objects.get(pk=json.loads(answer.content)["job"]["id"]))


def person(**facts: Any) -> dict[str, Any]:
    card = {"personnel_number": "007", "last_name": "Bond", "first_name": "James", "hired_on": "2026-01-12"}
    return card | {"department": "Sales", "position": "Operator", "site": "Moscow"} | facts


def test_history_by_file_and_by_json_in_all_shapes(api: APIClient) -> None:
    queue = make_queue(external_id="42")
    job = done(api.post(f"{IMPORT}/historical", {"file": sent("h.csv", INTERVALS), "queue": queue.code}))
    assert (job.state, job.result["rows_loaded"], job.result["rows_refused"]) == (JobState.SUCCEEDED, 2, 1)
    rows = [
        {"start": "2025-03-02T07:00", "contacts": 5, "aht": 60},
        {"start": "2025-03-02T07:15", "contacts": 6},
    ]
    job = done(api.post(f"{IMPORT}/historical/", {"queue": "42", "rows": rows}, format="json"))
    assert job.result["rows_loaded"] == 2
    job = done(api.post(f"{IMPORT}/historical?queue={queue.pk}&dry_run=true", rows, format="json"))
    assert (job.result["rows_loaded"], job.result["rows_unchanged"]) == (0, 2)
    book = workbook({"Лист": [("03.03.2025 07:00", 1, 2), ("03.03.2025 07:15", 3, 4)]})
    job = done(api.post(f"{IMPORT}/historical/", {"file": sent("h.xlsx", book), "queue": queue.code}))
    assert job.result["rows_loaded"] == 2
    assert IntervalHistory.objects.filter(queue=queue).count() == 6


def test_history_with_days_is_operators_by_hour(api: APIClient) -> None:
    queue = make_queue()
    days = {"queue": queue.code, "first_day": "2027-03-01", "last_day": "2027-03-05"}
    rows = [{"contacts": 0, "operators": "6,5"}] * 24
    assert (
        done(api.post(f"{IMPORT}/historical/", days | {"rows": rows}, format="json")).result["rows_loaded"]
        == 24
    )
    assert CoefficientSpan.objects.filter(queue=queue).count() == 1
    book = workbook({"Лист": [(0, 6.5)] * 24})
    again = done(api.post(f"{IMPORT}/historical/", days | {"file": sent("o.xlsx", book)}))
    assert (again.state, again.result["rows_unchanged"]) == (JobState.SUCCEEDED, 24)
    del days["last_day"]
    refused = api.post(f"{IMPORT}/historical/", days | {"rows": rows}, format="json")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["last_day"])


def test_employees_by_json_are_listed_with_their_report(api: APIClient) -> None:
    rows = [person(), person(personnel_number="008", department="None"), {"personnel_number": "9", "hat": 1}]
    job = done(api.post(f"{IMPORT}/employees/", {"employees": rows}, format="json"))
    assert Employee.objects.get().personnel_number == "007"
    (listed,) = api.get("/api/v1/integrations/argus/imports/?table=employees").json()["results"]
    assert (listed["id"], listed["rows_refused"]) == (job.result["import_id"], 2)
    assert listed["details"]["unknown"] == ["hat"]
    address = f"/api/v1/integrations/argus/imports/{listed['id']}/"
    assert api.get(address).json()["state"] == "applied"
    errors = api.get(f"{address}errors/").json()["results"]
    assert [(error["line"], error["column"]) for error in errors] == [(2, "department"), (3, "last_name")]
    assert not ArgusUpload.objects.exists()


def test_schedules_by_workbook_with_real_dates_and_times(api: APIClient) -> None:
    scene = make_edit_scene()
    number = scene.people[0].personnel_number
    book = workbook(
        {"Смены": [("Табельный номер", "Дата", "Начало", "Окончание"), (number, 46448, 0.375, 0.739583333)]}
    )
    body = {"file": sent("s.xlsx", book), "variant": scene.variant.pk}
    job = done(api.post(f"{IMPORT}/schedules/", body))
    assert job.result["rows_loaded"] == 1, job.result
    shift = Shift.objects.get(variant=scene.variant)
    assert (shift.start, shift.end) == (scene.at(scene.people[0], 2, 9), scene.at(scene.people[0], 2, 17.75))
    pauses = [{"start": "12:15", "end": "13:00"}]
    row = {"personnel_number": number, "date": "2027-03-03", "start": "9:00", "end": "17:45", "lunch": pauses}
    body = {"variant": scene.variant.pk, "shifts": [row], "dry_run": True}
    assert done(api.post(f"{IMPORT}/schedules/", body, format="json")).result["rows_refused"] == 1


def test_wrong_files_and_targets_are_refused_at_once(api: APIClient) -> None:
    for address, body, code in (
        ("employees", {"rows": [{"a": 1}]}, 400),
        ("employees", {"rows": []}, 400),
        ("employees", {}, 400),
        ("employees", {"rows": [person()], "colour": 1}, 400),
        ("historical", {"rows": [{"start": "2025-03-02T07:00", "contacts": 5}]}, 400),
        ("historical", {"queue": "none", "rows": []}, 404),
        ("schedules", {"variant": 10**6, "rows": [{"id": 1, "start": 1, "end": 1}]}, 404),
    ):
        answer = api.post(f"{IMPORT}/{address}/", body, format="json")
        assert answer.status_code == code, (body, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
    assert api.post(f"{IMPORT}/employees/", b"[{", content_type="application/json").status_code == 400
    assert api.post(f"{IMPORT}/employees/", {"file": sent("a.xlsx", b"PK\x03\x04")}).status_code == 400
    assert not Job.objects.exists()
    assert not ArgusUpload.objects.exists()


def test_a_second_import_of_a_table_waits_for_the_first(api: APIClient) -> None:
    first = api.post(f"{IMPORT}/employees/", {"rows": [person()]}, format="json")
    second = api.post(f"{IMPORT}/employees/", {"rows": [person()]}, format="json")
    assert (first.status_code, second.status_code) == (202, 409)
    assert second.json()["job_id"] == first.json()["job"]["id"]


def test_looking_changes_nothing(api: APIClient) -> None:
    looked = api.post(TEST, {"file": sent("h.csv", INTERVALS)}).json()
    assert (looked["ok"], looked["table"], looked["rows_read"], looked["rows_refused"]) == (
        False,
        "intervals",
        3,
        1,
    )
    assert [(error["line"], error["value"]) for error in looked["errors"]] == [(3, "x")]
    looked = api.post(TEST, [person(hat=1)], format="json").json()
    assert (looked["ok"], looked["table"], looked["unknown_columns"]) == (True, "employees", ["hat"])
    row = {"fio": "Bond James", "start": "2027-03-02 09:00", "end": "2027-03-02 18:00"}
    assert api.post(TEST, {"table": "schedules", "rows": [row]}, format="json").json()["ok"]
    assert (
        api.post(TEST, {"file": sent("o.csv", "0;1\n" * 24), "table": "operators"}).json()["rows_read"] == 24
    )
    wrong = api.post(TEST, {"file": sent("o.pdf", b"%PDF-1.4"), "table": "employees"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "file_refused")
    assert api.post(TEST, {"table": "employees"}, format="json").status_code == 400
    assert not ArgusImport.objects.exists()
    assert not Employee.objects.exists()


def test_the_set_up_is_tested_without_a_file(api: APIClient) -> None:
    assert api.post(TEST, {}, format="json").json()["ok"] is True
    Connection.objects.create(
        code="argus",
        name="Argus",
        system=System.ARGUS,
        base_url="http://127.0.0.1:9/",
        authentication=Authentication.NONE,
        timeout_s=2,
    )
    found = api.post(TEST, {}, format="json").json()
    assert (found["ok"], found["findings"][0]["connection"]) == (False, "argus")
    assert found["findings"][0]["text"]
    Connection.objects.update(base_url="")
    assert api.post(TEST, {}, format="json").json()["ok"] is True


def test_a_key_needs_the_scope_of_integrations_and_no_other() -> None:
    issued = issue_key(name="Argus", scopes=["integrations:write"], actor=None)
    client = APIClient(headers={"X-API-Key": issued.secret})
    queue = make_queue()
    body = {
        "queue": queue.code,
        "rows": [{"start": "2025-03-02T07:00", "contacts": 5}, {"start": "2025-03-02T07:15", "contacts": 5}],
    }
    assert done(client.post(f"{IMPORT}/historical/", body, format="json")).state == JobState.SUCCEEDED
    assert (
        done(client.post(f"{IMPORT}/employees/", {"rows": [person()]}, format="json")).state
        == JobState.SUCCEEDED
    )
    assert client.get("/api/v1/employees/").status_code == 403, "its doors are those of its scope only"
    issued.key.scopes = ["people:write", "schedules:write"]
    issued.key.save()
    assert client.post(f"{IMPORT}/employees/", {"rows": [person()]}, format="json").status_code == 403


def test_pages_send_check_show_and_undo(client: Client) -> None:
    client.force_login(make_user(Role.PLANNER))
    scene = make_edit_scene()
    page = reverse("integrations:argus-page")
    for table in ("intervals", *ArgusTable.values):
        assert client.get(f"{page}?table={table}").status_code == 200
        assert client.get(reverse("integrations:argus-template", args=[table])).status_code == 200
    assert client.post(f"{page}?table=schedules", {}).status_code == 422
    number = scene.people[0].personnel_number
    text = f"Табельный номер;Дата;Начало;Окончание\n{number};02.03.2027;09:00;17:45\n{number};x;1;2\n"
    answer = client.post(
        f"{page}?table=schedules", {"file": sent("s.csv", text), "variant": scene.variant.pk}
    )
    job = run_now(Job.objects.get())
    assert answer["Location"] == f"{reverse('jobs:detail-page', args=[job.pk])}?then=result"
    report = client.get(job.result_url)
    assert "s.csv" in report.content.decode()
    batch = ArgusImport.objects.get()
    assert batch.rows_loaded == 1
    errors = client.get(reverse("integrations:argus-errors-download", args=[batch.pk]), {"format": "csv"})
    assert "s.csv" in errors["Content-Disposition"] or errors.status_code == 200
    assert client.get(reverse("integrations:argus-imports-download")).status_code == 200
    undo = client.post(reverse("integrations:argus-import-undo", args=[batch.pk]))
    assert undo.status_code == 302
    assert not Shift.objects.filter(variant=scene.variant).exists()


def test_files_that_came_to_nothing_are_dropped_after_days() -> None:
    old, new = (ArgusUpload.objects.create(file_name="f", content=b"x") for _ in range(2))
    ArgusUpload.objects.filter(pk=old.pk).update(created_at=clock.now() - 2 * UPLOADS_KEPT)
    assert drop_expired_uploads() == 1
    assert ArgusUpload.objects.get() == new
    assert new.opened().read() == io.BytesIO(b"x").read()
