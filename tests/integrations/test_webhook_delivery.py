"""Events on their way to a real receiver: signed, once each, tried again, paused, resumed."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import transaction

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotAllowedError
from apps.core.events import Event, emit
from apps.core.models import OutboxEvent
from apps.core.services.outbox import deliver_due
from apps.integrations.choices import OperationState
from apps.integrations.errors import ConfigurationError
from apps.integrations.models import (
    Attempt,
    Breaker,
    Call,
    Connection,
    Credential,
    Operation,
    WebhookEndpoint,
    WebhookMessage,
)
from apps.integrations.services import webhooks
from apps.integrations.services.webhooks.delivering import RETRY_DELAYS_S, deliver
from apps.integrations.types import OperationInHand
from tests.concurrency import at_once
from tests.factories import make_user
from tests.integrations.draining import drain, make_due
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

    from apps.accounts.models import User

pytestmark = pytest.mark.django_db
TYPE = "forecast.activated"


@pytest.fixture(autouse=True)
def _receiver_is_listed(settings: SettingsWrapper) -> None:
    settings.WEBHOOK_ALLOWED_TARGETS = ["127.0.0.1"]


@pytest.fixture(scope="module")
def running() -> Iterator[Simulated]:
    with simulated_thread("webhook-receiver") as simulated:
        yield simulated


@pytest.fixture
def receiver(running: Simulated) -> Simulated:
    running.reset()
    running.clear_faults()
    return running


@pytest.fixture
def admin() -> User:
    return make_user(Role.ADMIN)


def endpoint_at(
    receiver: Simulated, admin: User, *, path: str = "/hook", events: tuple[str, ...] = (TYPE,)
) -> tuple[WebhookEndpoint, str]:
    made, secret = webhooks.create_endpoint(
        name="Receiver", url=f"{receiver.url}{path}", events=events, actor=admin
    )
    receiver.post("/_secrets", {"secrets": [secret], "path": path})
    return made, secret


def happen(**data: Any) -> OutboxEvent:
    with transaction.atomic():
        event = emit(TYPE, aggregate="forecasts.forecastversion", aggregate_id=7, data=data)
    deliver_due()
    return event


def delivered(receiver: Simulated) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = receiver.get("/_webhooks")
    return found


def test_an_event_reaches_the_receiver_signed(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin)
    event = happen(variant_id=7, month="2027-01")
    assert [one.state for one in drain()] == [OperationState.COMPLETED]
    (got,) = delivered(receiver)
    assert got["id"] == f"msg_{event.id.hex}"
    body = json.loads(got["body"])
    assert body["type"] == TYPE
    assert body["data"]["variant_id"] == 7
    assert dt.datetime.fromisoformat(body["timestamp"]) == event.occurred_at
    assert not receiver.ledger("refused")


def test_only_those_who_want_it_get_it(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin, path="/a")
    endpoint_at(receiver, admin, path="/b", events=("forecast.completed",))
    happen()
    drain()
    assert [one["path"] for one in delivered(receiver)] == ["/a"]


def test_an_event_handed_over_again_is_one_message(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin)
    row = happen()
    again = Event(row.id, row.type, row.occurred_at, row.aggregate, row.aggregate_id, 1, None, row.data)
    assert webhooks.fan_out(again) == 0
    assert WebhookMessage.objects.count() == Operation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queues")
def test_the_same_event_at_once_is_one_message(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin)
    event = Event(uuid.uuid4(), TYPE, clock.now(), "x", "1", 1, None, {})
    at_once(*[lambda: webhooks.fan_out(event)] * 6)
    assert WebhookMessage.objects.count() == Operation.objects.count() == 1


def test_tries_keep_their_id_and_body_and_spread_over_a_day(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin)
    receiver.fault("status", status=500, times=2, effect=True)
    happen(n=1)
    drain()
    (operation,) = Operation.objects.all()
    assert operation.state == OperationState.PENDING
    wait_s = (operation.run_at - clock.now()).total_seconds()
    assert RETRY_DELAYS_S[0] - 3 < wait_s <= RETRY_DELAYS_S[0] * 1.1
    make_due()
    drain()
    make_due()
    drain()
    (got,) = delivered(receiver)
    assert got["times"] == 3
    assert {entry["body"] for entry in receiver.ledger("delivered")} == {got["body"]}
    assert sum(RETRY_DELAYS_S) == pytest.approx(24 * 3600, rel=0.02)
    assert WebhookEndpoint.objects.get().failing_since is None


def test_after_a_day_of_failures_it_is_failed(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin)
    receiver.fault("status", status=503)
    happen()
    for _try in range(len(RETRY_DELAYS_S) + 1):
        Breaker.objects.all().delete()
        drain()
        make_due()
    assert Operation.objects.get().state == OperationState.FAILED
    assert Attempt.objects.count() == len(RETRY_DELAYS_S) + 1
    assert WebhookEndpoint.objects.get().failing_since is not None


def test_a_redirect_is_not_followed(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin)
    receiver.fault("redirect", location=f"{receiver.url}/elsewhere", times=1)
    happen()
    drain()
    assert Operation.objects.get().state == OperationState.PENDING
    assert not [one for one in receiver.requests() if one["path"] == "/elsewhere"]


def test_a_long_or_cut_answer_of_200_is_well(receiver: Simulated, admin: User) -> None:
    endpoint_at(receiver, admin)
    receiver.fault("huge", bytes=300_000, times=1, effect=True)
    happen()
    drain()
    assert Operation.objects.get().state == OperationState.COMPLETED


def test_410_pauses_and_nothing_more_is_sent(receiver: Simulated, admin: User) -> None:
    endpoint, _secret = endpoint_at(receiver, admin)
    receiver.fault("status", status=410)
    happen()
    drain()
    endpoint.refresh_from_db()
    assert endpoint.state == "paused"
    assert OutboxEvent.objects.filter(type="webhook.paused").count() == 1
    before = len(receiver.requests())
    happen()
    drain()
    assert len(receiver.requests()) == before


def test_what_was_missed_in_a_pause_can_be_sent(receiver: Simulated, admin: User) -> None:
    endpoint, _secret = endpoint_at(receiver, admin)
    happen(n=0)
    drain()
    webhooks.pause_endpoint(endpoint.pk, actor=admin)
    since = clock.now()
    happen(n=1)
    happen(n=2)
    webhooks.resume_endpoint(endpoint.pk, actor=admin)
    drain()
    assert len(delivered(receiver)) == 1
    assert webhooks.send_since(endpoint.pk, since - dt.timedelta(hours=1), actor=admin) == 2
    assert webhooks.send_since(endpoint.pk, since - dt.timedelta(hours=1), actor=admin) == 0
    drain()
    assert [json.loads(one["body"])["data"]["n"] for one in delivered(receiver)] == [0, 1, 2]


def test_both_secrets_sign_during_a_rotation_and_then_the_new_one(receiver: Simulated, admin: User) -> None:
    endpoint, old = endpoint_at(receiver, admin)
    _endpoint, new = webhooks.rotate_secret(endpoint.pk, actor=admin)
    for secret in (old, new):
        receiver.post("/_secrets", {"secrets": [secret], "path": "/hook"})
        happen()
        drain()
    assert len(delivered(receiver)) == 2
    with time_machine.travel(clock.now() + dt.timedelta(hours=25)):
        webhooks.keep_up()
    assert list(Credential.objects.values_list("name", flat=True)) == ["secret"]
    receiver.post("/_secrets", {"secrets": [old], "path": "/hook"})
    happen()
    drain()
    assert len(receiver.ledger("refused")) == 1


def test_failing_for_five_days_pauses_and_tells(receiver: Simulated, admin: User) -> None:
    endpoint, _secret = endpoint_at(receiver, admin)
    receiver.fault("status", status=500)
    happen()
    drain()
    with time_machine.travel(clock.now() + dt.timedelta(days=4, hours=23)):
        assert webhooks.keep_up() == 0
    with time_machine.travel(clock.now() + dt.timedelta(days=5, minutes=1)):
        assert webhooks.keep_up() == 1
        assert webhooks.keep_up() == 0
    event = OutboxEvent.objects.get(type="webhook.paused")
    assert event.data["owner_id"] == admin.pk
    endpoint.refresh_from_db()
    assert endpoint.state == "paused"


def test_a_name_that_leads_to_a_private_network_is_blocked_at_connect(
    admin: User, receiver: Simulated, settings: SettingsWrapper
) -> None:
    settings.WEBHOOK_ALLOWED_TARGETS = ["localhost"]
    port = receiver.url.rsplit(":", 1)[1]
    webhooks.create_endpoint(name="Rebound", url=f"http://localhost:{port}/", events=[TYPE], actor=admin)
    settings.WEBHOOK_ALLOWED_TARGETS = []
    happen()
    drain()
    assert Operation.objects.get().state == OperationState.FAILED
    assert not receiver.requests()


def test_a_test_message_goes_first(receiver: Simulated, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.integrations.services.queue.claiming._turns", count(1))  # the fifth is by age
    endpoint, _secret = endpoint_at(receiver, admin)
    Connection.objects.update(max_parallel=1)
    happen()
    operation = webhooks.send_test(endpoint.pk, actor=admin)
    drain()
    operation.refresh_from_db()
    assert operation.state == OperationState.COMPLETED
    assert delivered(receiver)[0]["type"] == "webhook.test"


def test_closing_cancels_what_waits_and_takes_the_secrets(receiver: Simulated, admin: User) -> None:
    endpoint, _secret = endpoint_at(receiver, admin)
    happen()
    webhooks.close_endpoint(endpoint.pk, actor=admin)
    assert drain() == []
    assert Operation.objects.get().state == OperationState.CANCELLED
    assert not Credential.objects.exists()
    with pytest.raises(ConflictError):
        webhooks.resume_endpoint(endpoint.pk, actor=admin)


def test_what_was_on_its_way_when_it_was_closed_leaves_unsigned_nowhere_and_waits_no_longer(
    receiver: Simulated, admin: User
) -> None:
    endpoint, _secret = endpoint_at(receiver, admin)
    happen()
    webhooks.close_endpoint(endpoint.pk, actor=admin)
    operation = Operation.objects.get()
    in_hand = OperationInHand(
        operation.pk,
        operation.kind,
        operation.connection_id,
        operation.payload,
        1,
        uuid.uuid4(),
        uuid.uuid4(),
        None,
    )
    with pytest.raises(ConfigurationError):
        deliver(in_hand)
    assert not receiver.requests()
    Operation.objects.update(state=OperationState.PENDING)
    webhooks.keep_up()
    assert Operation.objects.get().state == OperationState.CANCELLED


def test_the_secret_is_nowhere_in_plain(receiver: Simulated, admin: User) -> None:
    _endpoint, secret = endpoint_at(receiver, admin)
    happen()
    drain()
    kept = [
        *Call.objects.values_list("request", "answer"),
        *AuditEntry.objects.values_list("before", "after"),
    ]
    assert secret.removeprefix("whsec_") not in repr(kept)


@pytest.mark.parametrize("role", [Role.PLANNER, Role.EMPLOYEE])
def test_only_administrators_set_up(role: Role) -> None:
    with pytest.raises(NotAllowedError):
        webhooks.create_endpoint(name="x", url="https://example.com/", events=[TYPE], actor=make_user(role))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"events": []}, "events"),
        ({"events": ["no.such"]}, "events"),
        ({"name": " "}, "name"),
        ({"url": "https://10.0.0.1/"}, "url"),
    ],
)
def test_wrong_facts_are_told_at_their_field(facts: dict[str, Any], field: str, admin: User) -> None:
    good = {"name": "x", "url": "https://example.com/", "events": [TYPE]}
    with pytest.raises(DomainError) as refused:
        webhooks.create_endpoint(**(good | facts), actor=admin)
    assert refused.value.fields.keys() == {field}
