from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.staffing.models import CoefficientSpan, StaffingTarget
from tests.factories.accounts import make_user
from tests.factories.forecasts import make_forecast
from tests.factories.organization import make_queue
from tests.factories.staffing import make_requirement, make_target

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
MARCH = dt.datetime(2025, 3, 3, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def planner_client() -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user(Role.PLANNER))
    return client


def test_the_api_derives_lists_and_gives_points(planner_client: APIClient) -> None:
    queue = make_queue()
    make_target(queue)
    forecast = make_forecast(queue, MARCH, [100.0, 0.0], step_s=1800, aht_s=180)
    answer = planner_client.post(reverse("staffing:api-generate"), {"forecast": forecast.pk}, format="json")
    assert answer.status_code == 202
    again = planner_client.post(reverse("staffing:api-generate"), {"forecast": forecast.pk}, format="json")
    assert again.status_code == 409
    assert again.json()["job_url"] == answer.json()["job"]["url"]
    job = run_now(Job.objects.get(pk=answer.json()["job"]["id"]))
    assert job.state == JobState.SUCCEEDED, job.reason
    (row,) = planner_client.get(reverse("staffing:api-list"), {"queue": queue.pk}).json()["results"]
    assert (row["id"], row["state"]) == (job.result["version_id"], "active")
    points = planner_client.get(reverse("staffing:api-points", args=[row["id"]])).json()
    assert points["starts"] == ["2025-03-03T00:00:00Z", "2025-03-03T00:30:00Z"]
    assert (points["required"], points["step_s"]) == ([14, 0], 1800)
    assert planner_client.get(reverse("staffing:api-detail", args=[row["id"]])).json()["targets"]


def test_the_api_is_for_planners() -> None:
    version = make_requirement(make_queue(), MARCH, [1])
    client = APIClient()
    client.force_authenticate(make_user(Role.EMPLOYEE))
    for name, args in (("api-list", []), ("api-detail", [version.pk]), ("api-points", [version.pk])):
        assert client.get(reverse(f"staffing:{name}", args=args)).status_code == 403
    asked = {"forecast": version.forecast_id}
    assert client.post(reverse("staffing:api-generate"), asked, format="json").status_code == 403
    client.force_authenticate(None)
    assert client.get(reverse("staffing:api-list")).status_code in {401, 403}


def test_the_command_derives_and_tells(capsys: pytest.CaptureFixture[str]) -> None:
    queue = make_queue()
    forecast = make_forecast(queue, MARCH, [100.0, 100.0], step_s=1800, aht_s=180)
    with pytest.raises(CommandError, match="no staffing target"):
        call_command("derive_requirement", "--forecast", str(forecast.pk))
    make_target(queue)
    call_command("derive_requirement", "--forecast", str(forecast.pk))
    assert "2 intervals, 14 agent-hours, at most 14 agents" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no forecast version 0"):
        call_command("derive_requirement", "--forecast", "0")


@pytest.fixture
def admin_client(client: Client) -> Client:
    client.force_login(make_user(Role.ADMIN, username="admin", is_staff=True, is_superuser=True))
    return client


def target_form(**facts: object) -> dict[str, object]:
    return {
        "valid_from": "2025-01-01",
        "model": "erlang_c",
        "service_level": "0.8",
        "answer_within_s": 20,
        "max_occupancy": "0.9",
        "minimum_agents": 0,
        "reserve": 1,
        "absenteeism": 0,
    } | facts


def test_a_target_set_in_the_admin_is_in_the_audit(admin_client: Client) -> None:
    form = target_form(queue=make_queue().pk)
    answer = admin_client.post(reverse("admin:staffing_staffingtarget_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    target = StaffingTarget.objects.get()
    entry = AuditEntry.objects.get(action="staffingtarget.add")
    assert entry.actor is not None
    assert (entry.actor.username, entry.object_id) == ("admin", str(target.pk))
    for page in ("staffingtarget", "coefficientspan", "requirementversion"):
        assert admin_client.get(reverse(f"admin:staffing_{page}_changelist")).status_code == 200


@pytest.mark.parametrize(
    "facts",
    [
        {"valid_to": "2024-12-31"},
        {"valid_from": "2020-06-01"},
        {"service_level": "1"},
        {"max_occupancy": "0"},
        {"absenteeism": "1"},
        {"model": "erlang_a"},
    ],
    ids=str,
)
def test_a_target_that_cannot_be_is_told_on_the_form(admin_client: Client, facts: dict[str, object]) -> None:
    queue = make_queue()
    make_target(queue, valid_to=dt.date(2020, 12, 31))
    answer = admin_client.post(
        reverse("admin:staffing_staffingtarget_add"), target_form(queue=queue.pk, **facts)
    )
    assert answer.status_code == 200
    assert answer.context["errors"]


@pytest.mark.parametrize("end", ["2025-03-02", "2025-03-03", "2025-03-05"])
def test_a_coefficient_that_cannot_be_is_told_on_the_form(admin_client: Client, end: str) -> None:
    queue = make_queue()
    CoefficientSpan.objects.create(
        queue=queue,
        kind="reserve",
        start=MARCH + dt.timedelta(days=1),
        end=MARCH + dt.timedelta(days=2),
        value=1,
    )
    form = {"queue": queue.pk, "kind": "reserve", "value": 2}
    times = {"start_0": "2025-03-03", "start_1": "00:00", "end_0": end, "end_1": "00:00"}
    answer = admin_client.post(reverse("admin:staffing_coefficientspan_add"), form | times)
    assert answer.status_code == 200
    assert answer.context["errors"]
