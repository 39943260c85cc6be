"""Outliers, corrections and special days through REST."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.demand.models import HistoryCorrection, SpecialDay
from tests.factories import make_history, make_queue, make_user

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 1, 21, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def client() -> APIClient:
    client = APIClient()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_authenticate(make_user(Role.PLANNER))
    return client


def send(client: APIClient, method: str, name: str, *arguments: object, **facts: Any) -> Any:
    return getattr(client, method)(reverse(f"demand:{name}", args=arguments), format="json", **facts)


def test_outliers_corrections_and_undoing(client: APIClient) -> None:
    queue = make_queue(step_minutes=60)
    calls = [20 + hour % 24 for hour in range(12 * 168)]
    calls[1000] = 500
    make_history(queue, START, calls, step_s=3600)
    address = reverse("demand:api-outliers", args=[queue.pk])
    (found,) = client.get(address, {"first": "2026-04-01", "last": "2026-04-30"}).json()
    assert (found["actual"], found["severity"], found["correction"]) == (500, 2, None)
    assert found["decision"] is None
    assert "median of" in found["explanation"]
    spans = [{"start": found["start"], "end": found["end"]}]
    facts = {"spans": spans, "action": "expected", "reason": "a slip", "seen": 0}
    made = send(client, "post", "api-corrections", queue.pk, data=facts)
    assert (made.status_code, made.json()[0]["values"]) == (201, [36])
    stale = send(client, "post", "api-corrections", queue.pk, data=facts)
    assert (stale.status_code, list(stale.json()["fields"])) == (412, ["spans.0"])
    (found,) = client.get(address, {"first": "2026-04-01", "last": "2026-04-30"}).json()
    assert found["correction"] == made.json()[0]["id"]
    assert (found["decision"]["action"], found["decision"]["reason"]) == ("expected", "a slip")
    days = {"first": "2026-04-01", "last": "2026-04-30"}
    counts = [len(client.get(address, days | {"decided": wanted}).json()) for wanted in ("true", "false")]
    assert counts == [1, 0]
    around = {"start": found["start"], "end": found["end"], "step_s": 3600}
    for corrected, value in ((True, 36), (False, 500)):
        read = client.get(reverse("demand:api-history", args=[queue.pk]), around | {"corrected": corrected})
        assert read.json()["offered"] == [value]
    undone = send(client, "post", "api-correction-undo", found["correction"], data={"reason": "no"})
    assert undone.json()["undoes"] == found["correction"]
    listed = send(client, "get", "api-corrections", queue.pk).json()["results"]
    assert [(row["action"], row["is_undone"]) for row in listed] == [("undo", False), ("expected", True)]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"spans": []}, "spans.non_field_errors"),
        ({"spans": [{"start": "2026-03-02T00:00Z", "end": "2026-03-01T00:00Z"}]}, "spans.0.end"),
        ({"action": "undo"}, "action"),
        ({"reason": ""}, "reason"),
        ({"action": "value"}, "value"),
    ],
)
def test_nonsense_is_refused_by_field(client: APIClient, facts: dict[str, Any], field: str) -> None:
    queue = make_queue(step_minutes=60)
    make_history(queue, START, [5] * 48, step_s=3600)
    span = {"start": START.isoformat(), "end": (START + HOUR).isoformat()}
    asked = {"spans": [span], "action": "exclude", "reason": "x"} | facts
    answer = send(client, "post", "api-corrections", queue.pk, data=asked)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert send(client, "post", "api-corrections", 10**6, data={**asked, "spans": [span]}).status_code in {
        400,
        404,
    }
    assert not HistoryCorrection.objects.exists()


@pytest.mark.parametrize(
    "query",
    [{}, {"first": "2026-04-02", "last": "2026-04-01"}, {"first": "2020-01-01", "last": "2026-01-01"}],
)
def test_days_that_make_no_span_are_refused(client: APIClient, query: dict[str, str]) -> None:
    assert client.get(reverse("demand:api-outliers", args=[make_queue().pk]), query).status_code == 400


def test_special_days_are_made_changed_and_deleted_with_their_tag(client: APIClient) -> None:
    facts = {
        "name": "Sale",
        "kind": "event",
        "first_day": "2027-01-01",
        "last_day": "2027-01-02",
        "coefficient": "1.25",
    }
    made = send(client, "post", "api-special-days", data=facts)
    assert made.status_code == 201
    row = SpecialDay.objects.get()
    assert made.json()["id"] == row.pk
    read = send(client, "get", "api-special-day", row.pk)
    assert read.headers["ETag"] == made.headers["ETag"]
    changed = send(
        client,
        "put",
        "api-special-day",
        row.pk,
        data=facts | {"coefficient": "2"},
        headers={"if-match": read.headers["ETag"]},
    )
    assert (changed.status_code, changed.json()["coefficient"]) == (200, "2.000")
    stale = send(client, "delete", "api-special-day", row.pk, headers={"if-match": read.headers["ETag"]})
    assert (stale.status_code, stale.headers["ETag"]) == (412, changed.headers["ETag"])
    gone = send(client, "delete", "api-special-day", row.pk, headers={"if-match": changed.headers["ETag"]})
    assert (gone.status_code, SpecialDay.objects.count()) == (204, 0)
    wrong = send(client, "post", "api-special-days", data=facts | {"last_day": "2026-01-01"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["last_day"])
    assert send(client, "get", "api-special-days").json()["results"] == []


def test_employees_may_not() -> None:
    client = APIClient()
    client.force_authenticate(make_user(Role.EMPLOYEE))
    queue = make_queue()
    assert send(client, "get", "api-corrections", queue.pk).status_code == 403
    assert send(client, "post", "api-corrections", queue.pk, data={}).status_code == 403
    assert send(client, "get", "api-special-days").status_code == 403
    assert send(client, "post", "api-special-days", data={}).status_code == 403
