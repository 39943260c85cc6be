"""1000 requests a minute of each caller, counted by all processes together; and what other doors answer."""

from __future__ import annotations

import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.core.web.api import PROBLEM_JSON, limits
from tests.conftest import REPOSITORY
from tests.factories import make_user

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

PROGRAM = """
import django; django.setup()
from apps.core.web.api.limits import wait_ms
print(sum(wait_ms({owner!r}, 100) == 0 for _ in range(60)))
"""


@pytest.fixture
def planner(db: None, settings: SettingsWrapper) -> APIClient:  # noqa: ARG001 - opens the database
    settings.API_REQUESTS_PER_MINUTE = 3
    client = APIClient()
    client.force_authenticate(make_user(Role.PLANNER))
    return client


@pytest.mark.django_db
def test_one_too_many_is_told_when_to_come_again(planner: APIClient) -> None:
    statuses = [planner.get("/api/v1/jobs/").status_code for _ in range(3)]
    refused = planner.get("/api/v1/jobs/")
    assert statuses == [200, 200, 200]
    assert (refused.status_code, refused["Content-Type"]) == (429, PROBLEM_JSON)
    assert 1 <= int(refused["Retry-After"]) <= 60
    other = APIClient()
    other.force_authenticate(make_user(Role.PLANNER))
    assert other.get("/api/v1/jobs/").status_code == 200


@pytest.mark.django_db
def test_processes_share_one_window() -> None:
    owner = f"test:{uuid.uuid4()}"
    children = [
        subprocess.Popen([sys.executable, "-c", PROGRAM.format(owner=owner)], cwd=REPOSITORY, stdout=-1)
        for _ in range(2)
    ]
    assert sum(int(child.communicate()[0]) for child in children) == 100


@pytest.mark.django_db
def test_the_window_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = f"test:{uuid.uuid4()}"
    monkeypatch.setattr(limits, "WINDOW_MS", 10_000)
    assert [limits.wait_ms(owner, 2) for _ in range(2)] == [0, 0]
    assert 0 < limits.wait_ms(owner, 2) <= 10_000
    key = f"{django_settings.REDIS_PREFIX}limit:{owner}"
    client = Redis.from_url(django_settings.REDIS_URL)
    ((oldest, moment), _newer) = client.zrange(key, 0, -1, withscores=True)
    client.zadd(key, {oldest: moment - 10_000_000})
    assert [limits.wait_ms(owner, 2) > 0 for _ in range(2)] == [False, True]
    client.close()


@pytest.mark.django_db
def test_while_redis_is_away_everybody_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def away(**_arguments: Any) -> int:
        asked.append("asked")
        raise RedisConnectionError

    monkeypatch.setattr(limits, "_script", lambda: away)
    monkeypatch.setitem(limits._state, "away_until", 0.0)
    assert [limits.wait_ms("test", 1) for _ in range(3)] == [0, 0, 0]
    assert asked == ["asked"]  # and not asked again at once: no request waits for a server that is away


@pytest.mark.django_db
def test_other_methods_types_and_ids(planner: APIClient, settings: SettingsWrapper) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0
    for answer, status in (
        (planner.put("/api/v1/jobs/", {}, format="json"), 405),
        (planner.post("/api/v1/sites/", b"<a/>", content_type="application/xml"), 403),
        (planner.post("/api/v1/planning/erlang-c/", b"<a/>", content_type="application/xml"), 415),
        (planner.get("/api/v1/jobs/", headers={"Accept": "text/html"}), 406),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM_JSON)
    assert "GET" in planner.put("/api/v1/jobs/", {}, format="json")["Allow"]
    head = planner.head("/api/v1/jobs/")
    assert (head.status_code, head.content) == (200, b"")
    options = planner.options("/api/v1/jobs/")
    assert (options.status_code, "GET" in options.json()["methods"]) == (200, True)
    told = planner.get("/api/v1/jobs/", headers={"X-Request-ID": "abc-123"})
    assert told["X-Request-ID"] == "abc-123"
