from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.forecasts.choices import VersionState
from apps.forecasts.services.running import request_forecast
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import cancel, run_now
from tests.factories.accounts import make_user
from tests.factories.demand import make_history
from tests.factories.forecasts import make_forecast
from tests.factories.organization import make_queue
from tests.forecasts.series import MONDAY, import_weeks, weekly_queue

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
NEXT = MONDAY + dt.timedelta(weeks=8)
AFTER = NEXT + dt.timedelta(weeks=1)
MARCH = dt.datetime(2025, 3, 3, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def planner_client() -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user(Role.PLANNER))
    return client


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"end": NEXT.isoformat()}, "end"),
        ({"level": -1}, "level"),
        ({"holidays_country": "ZZ"}, "holidays_country"),
        ({"assumed_aht_s": -5}, "assumed_aht_s"),
    ],
)
def test_the_api_refuses_nonsense_at_once_by_field(
    planner_client: APIClient, wrong: dict[str, object], field: str
) -> None:
    asked = {"queue": make_queue().pk, "start": NEXT.isoformat(), "end": AFTER.isoformat()} | wrong
    answer = planner_client.post(reverse("forecasts:api-generate"), asked, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Job.objects.exists()


def test_the_api_runs_lists_and_shows_a_forecast(planner_client: APIClient) -> None:
    queue = weekly_queue()
    import_weeks(queue)
    asked = {"queue": queue.pk, "start": NEXT.isoformat(), "end": AFTER.isoformat(), "seed": 4}
    answer = planner_client.post(reverse("forecasts:api-generate"), asked, format="json")
    assert answer.status_code == 202
    assert planner_client.post(reverse("forecasts:api-generate"), asked, format="json").status_code == 409
    job = run_now(Job.objects.get(pk=answer.json()["job"]["id"]))
    assert job.state == JobState.SUCCEEDED, job.reason
    assert job.result_url.startswith(reverse("forecasts:forecast-page", args=[queue.code]))
    (row,) = planner_client.get(reverse("forecasts:api-list"), {"queue": queue.pk}).json()["results"]
    assert (row["id"], row["state"], row["seed"]) == (job.result["version_id"], "active", 4)
    points = planner_client.get(reverse("forecasts:api-points", args=[row["id"]])).json()
    assert len(points["starts"]) == len(points["calls"]) == 7 * 24
    accuracy = planner_client.get(reverse("forecasts:api-accuracy", args=[row["id"]])).json()
    assert [line["is_chosen"] for line in accuracy].count(True) == 1
    assert planner_client.get(reverse("forecasts:api-detail", args=[row["id"]])).json()["code_version"]


def test_the_api_approves_a_draft(planner_client: APIClient) -> None:
    draft = make_forecast(make_queue(), MARCH, [1.0], state=VersionState.DRAFT)
    answer = planner_client.post(reverse("forecasts:api-approve", args=[draft.pk]))
    assert answer.json()["state"] == "active"
    assert planner_client.post(reverse("forecasts:api-approve", args=[10**6])).status_code == 404


def test_the_api_is_for_planners() -> None:
    version = make_forecast(make_queue(), MARCH, [1.0])
    client = APIClient()
    client.force_authenticate(make_user(Role.EMPLOYEE))
    for name in ("api-detail", "api-points", "api-accuracy"):
        assert client.get(reverse(f"forecasts:{name}", args=[version.pk])).status_code == 403
    assert client.get(reverse("forecasts:api-list")).status_code == 403
    assert client.post(reverse("forecasts:api-approve", args=[version.pk])).status_code == 403
    asked = {"queue": version.queue_id, "start": "2025-04-01", "end": "2025-05-01"}
    assert client.post(reverse("forecasts:api-generate"), asked, format="json").status_code == 403


def test_a_forecast_that_cannot_be_made_fails_its_job_with_the_reason() -> None:
    queue = weekly_queue()
    make_history(queue, MARCH, [5] * 48)
    job = run_now(request_forecast(queue_id=queue.pk, start=NEXT, end=AFTER, actor=None))
    assert job.state == JobState.FAILED
    assert "Not enough history: 2 days with contacts" in str(job.reason)


def test_a_forecast_that_is_cancelled_leaves_nothing() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    planner = make_user(Role.PLANNER)
    job = request_forecast(queue_id=queue.pk, start=NEXT, end=AFTER, actor=planner)
    assert cancel(job.pk, actor=planner).state == JobState.CANCELLED
    assert run_now(job).state == JobState.CANCELLED
    again = request_forecast(queue_id=queue.pk, start=NEXT, end=AFTER, actor=planner)
    assert run_now(again).state == JobState.SUCCEEDED


def test_the_command_forecasts_and_tells(capsys: pytest.CaptureFixture[str]) -> None:
    queue = weekly_queue()
    import_weeks(queue)
    asked = ["--queue", queue.code, "--start", NEXT.isoformat(), "--end", AFTER.isoformat()]
    call_command("run_forecast", *asked, "--draft")
    told = capsys.readouterr().out
    assert "draft" in told
    assert "WAPE" in told
    with pytest.raises(CommandError, match="The span ends before it begins"):
        call_command("run_forecast", *asked[:5], NEXT.isoformat())
    with pytest.raises(CommandError, match="no queue nowhere"):
        call_command("run_forecast", "--queue", "nowhere", *asked[2:])


def test_the_admin_shows_versions_and_imports_but_no_intervals(client: Client) -> None:
    client.force_login(make_user(Role.ADMIN, is_staff=True, is_superuser=True))
    queue = weekly_queue()
    batch = import_weeks(queue, weeks=1)
    version = make_forecast(queue, MARCH, [1.0])
    for address in (
        reverse("admin:forecasts_forecastversion_changelist"),
        reverse("admin:forecasts_forecastversion_change", args=[version.pk]),
        reverse("admin:demand_importbatch_changelist"),
        reverse("admin:demand_importbatch_change", args=[batch.pk]),
    ):
        assert client.get(address).status_code == 200
    assert client.get("/admin/demand/intervalhistory/").status_code == 404
