from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError

from apps.core import health
from apps.core.health import Check, Finding, Health
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent
from apps.core.services.partition_upkeep import keep_partitions
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import Client


def broken() -> Finding:
    raise OperationalError("connection refused by 10.0.0.7 password=secret")


def hanging() -> Finding:
    time.sleep(3)
    return Finding(Health.HEALTHY)


@pytest.mark.django_db(transaction=True)
def test_all_is_well(client: Client) -> None:
    make_user()
    keep_partitions()
    response = client.get("/health")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "healthy"
    assert set(body) == {"status", "timestamp", "checks"}
    assert set(body["checks"]) >= {"database", "queue", "cache", "external_api", "authentication"}
    assert body["checks"]["queue"]["pending"] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_without_the_database_it_says_so_and_no_more(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(health._checks, "database", Check(broken, vital=True))
    response = client.get(path)
    assert response.status_code == 503
    assert response.json()["status"] == "unhealthy"
    assert response.json()["checks"]["database"]["error"] == "OperationalError"
    assert "secret" not in response.content.decode()
    assert client.get("/health/live").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_without_something_less_vital_it_works_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health._checks, "cache", Check(broken, vital=False))
    response = client.get("/health")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


@pytest.mark.django_db(transaction=True)
def test_a_check_that_hangs_does_not_hold_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.2)
    monkeypatch.setitem(health._checks, "slow", Check(hanging, vital=True))
    started = time.monotonic()
    status, findings = health.examine({"slow"})
    assert time.monotonic() - started < 2
    assert status == Health.UNHEALTHY
    assert findings["slow"]["error"] == "TimeoutError"


@pytest.mark.django_db(transaction=True)
def test_ten_failed_deliveries_are_a_degraded_queue(client: Client) -> None:
    event = OutboxEvent.objects.create(type="t", aggregate="a", aggregate_id="1")
    OutboxDelivery.objects.bulk_create(
        OutboxDelivery(event=event, receiver=str(n), state=DeliveryState.FAILED) for n in range(10)
    )
    assert client.get("/health").json()["checks"]["queue"] | {"ms": 0} == {
        "status": "degraded",
        "pending": 0,
        "failed": 10,
        "operations_pending": 0,
        "operations_failed": 0,
        "ms": 0,
    }


@pytest.mark.django_db
def test_the_request_id_comes_back(client: Client) -> None:
    assert (
        client.get("/health/live", headers={"X-Request-ID": "from-balancer-7"})["X-Request-ID"]
        == "from-balancer-7"
    )
    assert len(client.get("/health/live")["X-Request-ID"]) == 36
