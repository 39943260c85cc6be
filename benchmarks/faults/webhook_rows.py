"""W1–W3: receivers that are ill, addresses that lead inside, and many events with one receiver dead."""

from __future__ import annotations

import datetime as dt
import json
import math
import time
import uuid
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.test import override_settings

from apps.core.errors import DomainError
from apps.core.events import emit
from apps.integrations.errors import ExchangeError
from apps.integrations.models import WebhookEndpoint
from apps.integrations.services import webhooks
from apps.integrations.services.access import access_to
from apps.integrations.services.webhooks.addresses import target_guard
from apps.integrations.wire.client import call
from benchmarks.faults import world
from benchmarks.faults.rows import Row
from benchmarks.faults.tricks import tricks

if TYPE_CHECKING:
    from benchmarks.faults.plant import Plant
    from benchmarks.faults.rows import Size
    from tests.integrations.simulated import Simulated

EVENT = "forecast.activated"
ENDPOINTS = 10
PROMISED_S = 30.0
PROMISED_SHARE = 0.998
RETRIES_S = (5, 60)


def ill_receivers(plant: Plant, size: Size) -> Row:
    """W1: 500, 410, redirect, slow, hung; then a secret is replaced."""
    row = Row("W1", "webhook receiver 500, 410, redirect, slow, hung")
    receiver, canary = plant.simulator("webhook-receiver"), plant.simulator("webhook-receiver")
    ends = {name: _endpoint(receiver, name) for name in ("well", "broken", "gone", "moved", "slow", "hung")}
    receiver.fault("status", "/broken", status=500, effect=True)
    receiver.fault("status", "/gone", status=410, effect=True)
    receiver.fault("redirect", "/moved", location=f"{canary.url}/elsewhere")
    receiver.fault("delay", "/slow", seconds=3)
    receiver.fault("hang", "/hung")
    plant.worker()
    plant.beat()
    _emit(1)
    row.checks["the well one has it"] = _arrives(receiver, "/well", 1, seconds=PROMISED_S)
    row.checks["the slow one has it, once"] = _arrives(receiver, "/slow", 1, seconds=PROMISED_S)
    row.checks["the broken one is asked again"] = _arrives(
        receiver, "/broken", 3, seconds=size.seconds(sum(RETRIES_S) * 1.2, start_s=30)
    )
    came = _came(receiver, "/broken")
    pauses = [(_instant(later) - _instant(earlier)).total_seconds() for earlier, later in pairwise(came)]
    wanted = [size.seconds(pause) for pause in RETRIES_S]
    sweep_s = max(1.0, 5 / plant.pace)
    row.checks |= {
        "at its times": all(
            0.85 * pause <= found <= 1.15 * pause + sweep_s + 1
            for pause, found in zip(wanted, pauses, strict=False)
        ),
        "under one id": len({entry["key"] for entry in came}) == 1,
        "410 pauses the endpoint": _is_paused(ends["gone"]) and len(_came(receiver, "/gone")) == 1,
        "no redirect is followed": canary.state()["requests"] == 0,
        "every signature verifies": receiver.counts().get("refused", 0) == 0,
    }
    endpoint, old = ends["well"]
    _held, new = webhooks.rotate_secret(endpoint.pk, actor=None)
    receiver.post("/_secrets", {"path": "/well", "secrets": [old, new]})
    _emit(1)
    row.checks["both secrets sign during a rotation"] = _arrives(
        receiver, "/well", 2, seconds=PROMISED_S
    ) and _came(receiver, "/well")[-1]["secrets"] == [0, 1]
    row.figures = {"pauses_s": [round(pause, 1) for pause in pauses], "deliveries": len(receiver.ledger())}
    return row


def addresses_inside(plant: Plant, _size: Size) -> Row:
    """W2: addresses that lead to this machine or a private network, and a name that does."""
    row = Row("W2", "private-network URL tricks")
    canary = plant.simulator("webhook-receiver")
    port = canary.url.rpartition(":")[2]
    connection = world.connect(None)
    addresses = tricks(port)
    with override_settings(WEBHOOK_ALLOWED_TARGETS=[]):
        passed = [address for address in addresses if not _is_blocked(connection, address)]
        inside = [address for address in addresses if not _is_refused(address)]
    row.checks = {
        f"all blocked at connect time (not {passed[:3]})": passed == [],
        "nothing reached it": canary.state()["requests"] == 0,
        "a listed host works": _reaches_listed(connection, canary),
    }
    row.figures = {"addresses": len(addresses), "refused_when_typed": len(addresses) - len(inside)}
    return row


def one_dead_of_ten(plant: Plant, size: Size) -> Row:
    """W3: 50 000 deliveries in all, one of ten endpoints dead."""
    row = Row("W3", "50 000 webhooks, one of ten endpoints dead")
    count = size.of(5000, least=30)
    receivers = [plant.simulator("webhook-receiver") for _ in range(2)]
    for number in range(ENDPOINTS):
        _endpoint(receivers[number % 2], f"end{number}")
    receivers[0].fault("hang", "/end0")
    for number in range(2):
        plant.worker(number)
    plant.beat()
    _emit(1)
    world.happens(lambda: _delivered(receivers) >= ENDPOINTS - 1, seconds=60)  # the workers have started
    begun = time.monotonic()
    for _ in range(math.ceil(count / 100)):
        _emit(min(100, count))
        time.sleep(0.2)
    living = (ENDPOINTS - 1) * (count + 1)
    world.happens(lambda: _delivered(receivers) >= living, seconds=count * 0.2 + 120)
    found = _delays(receivers)
    delays = sorted(found[ENDPOINTS - 1 :])  # without the event that waited for the workers
    row.checks = {
        "at least 99.8 % delivered": len(found) >= PROMISED_SHARE * living,
        "p99 within 30 s": bool(delays) and delays[int(0.99 * (len(delays) - 1))] <= PROMISED_S,
        "none of them twice": _delivered(receivers) == len(found),
    }
    row.figures = {
        "delivered": len(found),
        "p99_s": delays[int(0.99 * (len(delays) - 1))] if delays else None,
        "took_s": time.monotonic() - begun,
    }
    return row


def _endpoint(receiver: Simulated, name: str) -> tuple[WebhookEndpoint, str]:
    endpoint, secret = webhooks.create_endpoint(
        name=name, url=f"{receiver.url}/{name}", events=[EVENT], actor=None
    )
    receiver.post("/_secrets", {"path": f"/{name}", "secrets": [secret]})
    return endpoint, secret


def _emit(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            emit(EVENT, aggregate="forecasts.version", aggregate_id=number, data={})


def _came(receiver: Simulated, path: str) -> list[dict[str, Any]]:
    return [entry for entry in receiver.ledger("delivered") if entry["path"] == path]


def _arrives(receiver: Simulated, path: str, times: int, *, seconds: float) -> bool:
    return world.happens(lambda: len(_came(receiver, path)) >= times, seconds=seconds)


def _instant(entry: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(entry["at"])


def _is_paused(end: tuple[WebhookEndpoint, str]) -> bool:
    return WebhookEndpoint.objects.filter(pk=end[0].pk, paused_at__isnull=False).exists()


def _is_blocked(connection: Any, address: str) -> bool:
    try:
        _call(connection, address)
    except (ExchangeError, DomainError):
        return True
    return False


def _is_refused(address: str) -> bool:
    try:
        with transaction.atomic():
            webhooks.create_endpoint(name="trick", url=address, events=[EVENT], actor=None)
            transaction.set_rollback(True)
    except DomainError:
        return True
    return False


def _reaches_listed(connection: Any, canary: Simulated) -> bool:
    with override_settings(WEBHOOK_ALLOWED_TARGETS=["127.0.0.1"]):
        _call(connection, f"{canary.url}/listed")
    return int(canary.state()["requests"]) == 1


def _call(connection: Any, address: str) -> None:
    call(
        access_to(connection),
        "POST",
        "",
        endpoint=EVENT,
        absolute_url=address,
        content=b"{}",
        session_id=uuid.uuid4(),
        guard=target_guard(),
        timeout_s=3,
    )


def _delivered(receivers: list[Any]) -> int:
    return sum(receiver.counts().get("delivered", 0) for receiver in receivers)


def _delays(receivers: list[Any]) -> list[float]:
    """Give how long messages took from their event until they came first, in the order of the events."""
    first: dict[tuple[str, str], tuple[dt.datetime, float]] = {}
    for receiver in receivers:
        for entry in receiver.ledger("delivered"):
            happened = dt.datetime.fromisoformat(json.loads(entry["body"])["timestamp"])
            took_s = (_instant(entry) - happened).total_seconds()
            first.setdefault((entry["path"], entry["key"]), (happened, took_s))
    return [took_s for _happened, took_s in sorted(first.values())]
