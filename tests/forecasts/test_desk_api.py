"""Growth factor, overrides, rollback, comparison and accuracy against fact through REST."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion
from apps.forecasts.services.versions import activate_version
from tests.factories import make_forecast, make_history, make_queue, make_user
from tests.factories.staffing import make_target

pytestmark = pytest.mark.django_db
START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def client() -> APIClient:
    client = APIClient()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_authenticate(make_user(Role.PLANNER))
    return client


@pytest.fixture
def version() -> ForecastVersion:
    made = make_forecast(make_queue(), START, [10.0] * 192, number=1, state=VersionState.DRAFT)
    return activate_version(version_id=made.pk, actor=None)


def growth(version: ForecastVersion, **more: Any) -> dict[str, Any]:
    return {
        "forecast": version.pk,
        "start": START.isoformat(),
        "end": (START + DAY).isoformat(),
        "factor": 1.5,
        "reason": "a campaign",
    } | more


def test_a_growth_factor_is_tried_kept_and_rolled_back(client: APIClient, version: ForecastVersion) -> None:
    address = reverse("forecasts:api-growth-factor")
    tried = client.post(address, growth(version, dry_run=True), format="json")
    assert (tried.status_code, tried.json()["calls_before"], tried.json()["calls_after"]) == (200, 1920, 2400)
    assert ForecastVersion.objects.count() == 1
    kept = client.post(address, growth(version, activate=True), format="json")
    made = kept.json()["version"]
    assert (kept.status_code, made["state"], made["based_on"], made["origin"]) == (
        201,
        "active",
        version.pk,
        version.pk,
    )
    assert made["adjustments"][0]["reason"] == "a campaign"
    back = client.post(
        reverse("forecasts:api-roll-back", args=[made["id"]]), {"reason": "off"}, format="json"
    )
    assert [row["id"] for row in back.json()] == [version.pk]
    again = client.post(
        reverse("forecasts:api-roll-back", args=[made["id"]]), {"reason": "off"}, format="json"
    )
    assert again.status_code == 409


def test_a_repeated_request_makes_one_version(client: APIClient, version: ForecastVersion) -> None:
    address = reverse("forecasts:api-growth-factor")
    answers = [
        client.post(address, growth(version), format="json", headers={"idempotency-key": "k1"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert ForecastVersion.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"factor": -1}, "adjustments.0.value"),
        ({"factor": 101}, "adjustments.0.value"),
        ({"end": START.isoformat()}, "adjustments.0.end"),
        ({"start": (START - DAY).isoformat()}, "adjustments.0.start"),
        ({"reason": ""}, "reason"),
        ({"forecast": 10**6}, "forecast"),
        ({"factor": "x"}, "factor"),
    ],
)
def test_nonsense_is_refused_by_field(
    client: APIClient, version: ForecastVersion, wrong: dict[str, Any], field: str
) -> None:
    answer = client.post(reverse("forecasts:api-growth-factor"), growth(version, **wrong), format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert ForecastVersion.objects.count() == 1


def test_overrides_comparison_fact_and_effect(client: APIClient, version: ForecastVersion) -> None:
    make_target(version.queue)
    make_history(version.queue, START, [8] * 96, step_s=900)
    end = (START + DAY).isoformat()
    change = {"start": START.isoformat(), "end": end, "operation": "set_total", "value": 480}
    body = {
        "adjustments": [change, change | {"measure": "aht", "operation": "add", "value": 20}],
        "reason": "x",
    }
    made = client.post(reverse("forecasts:api-adjust", args=[version.pk]), body, format="json").json()[
        "version"
    ]
    compared = client.get(reverse("forecasts:api-compare"), {"a": version.pk, "b": made["id"]}).json()
    assert compared["rows"][0]["a"] == 960
    assert compared["rows"][0]["b"] == pytest.approx(480)
    assert compared["total"]["change"] == pytest.approx(-0.25)
    assert compared["accuracy_a"]["wape"] == pytest.approx(0.25)
    fact = client.get(reverse("forecasts:api-fact-accuracy", args=[version.pk])).json()
    assert (fact["intervals"], fact["bias"]) == (96, pytest.approx(0.25))
    address = reverse("staffing:api-effect", args=[version.pk])
    effect = client.post(address, {"adjustments": body["adjustments"]}, format="json").json()
    assert effect["days"][0]["hours_after"] < effect["days"][0]["hours_before"]
    whole = client.post(reverse("staffing:api-effect", args=[made["id"]]), {}, format="json").json()
    assert whole["total"]["calls_before"] == 1920
    assert client.get(reverse("forecasts:api-compare"), {"a": 1}).status_code == 400
    assert client.get(reverse("forecasts:api-compare"), {"a": version.pk, "b": 10**6}).status_code == 404


def test_employees_may_not(version: ForecastVersion) -> None:
    client = APIClient()
    client.force_authenticate(make_user(Role.EMPLOYEE))
    assert (
        client.post(reverse("forecasts:api-growth-factor"), growth(version), format="json").status_code == 403
    )
    for name in ("api-adjust", "api-roll-back"):
        assert (
            client.post(reverse(f"forecasts:{name}", args=[version.pk]), {}, format="json").status_code == 403
        )
    assert client.get(reverse("forecasts:api-fact-accuracy", args=[version.pk])).status_code == 403
    assert (
        client.post(reverse("staffing:api-effect", args=[version.pk]), {}, format="json").status_code == 403
    )


def test_a_version_is_archived_so_that_the_one_before_can_come_back(
    client: APIClient, version: ForecastVersion
) -> None:
    """Rolling back says “archive it first” of a version that came in between."""
    long = make_forecast(version.queue, START, [20.0] * 96, number=2, state=VersionState.DRAFT)
    activate_version(version_id=long.pk, actor=None)
    late = make_forecast(version.queue, START + DAY, [5.0] * 96, number=3, state=VersionState.DRAFT)
    activate_version(version_id=late.pk, actor=None)
    roll_back = reverse("forecasts:api-roll-back", args=[long.pk])
    refused = client.post(roll_back, {"reason": "too many"}, format="json")
    assert (refused.status_code, refused.json()["version_id"]) == (409, late.pk)
    archive = reverse("forecasts:api-archive", args=[late.pk])
    assert client.post(archive, {"reason": 1}, format="json").status_code == 400
    assert client.post(archive).json()["state"] == "archived"
    assert client.post(archive).status_code == 409
    assert client.post(roll_back, {"reason": "too many"}, format="json").status_code == 200
    version.refresh_from_db()
    assert version.state == VersionState.ACTIVE
