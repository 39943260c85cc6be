"""The receiver of webhooks: what it believes, what it remembers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from apps.integrations.simulators.webhook_receiver.signatures import sign
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + base64.b64encode(b"another secret of 24 byt").decode()
BODY = b'{"type": "schedule.published", "data": {}}'


@pytest.fixture
def receiver() -> Iterator[Simulated]:
    with simulated_thread("webhook-receiver", "--secret", OLD, "--secret", NEW) as simulated:
        yield simulated


def deliver(
    receiver: Simulated, *secrets: str, identifier: str = "msg_1", body: bytes = BODY, age_s: int = 0
) -> httpx.Response:
    timestamp = str(int(time.time()) - age_s)
    signatures = " ".join(sign(secret, identifier, timestamp, BODY) for secret in secrets)
    headers = {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": signatures}
    return httpx.post(f"{receiver.url}/hooks/a", content=body, headers=headers)


def test_the_signature_of_the_public_example() -> None:
    body = b'{"test": 2432232314}'  # the example of the libraries' documentation
    assert (
        sign(OLD, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_the_signature_is_that_of_the_words_of_the_specification() -> None:
    key = base64.b64decode(NEW.removeprefix("whsec_"))
    digest = hmac.new(key, b"id.12." + BODY, hashlib.sha256).digest()
    assert sign(NEW, "id", "12", BODY) == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(("secrets", "places"), [([OLD], [0]), ([NEW], [1]), ([OLD, NEW], [0, 1])])
def test_either_secret_is_believed_while_one_replaces_the_other(
    receiver: Simulated, secrets: list[str], places: list[int]
) -> None:
    assert deliver(receiver, *secrets).status_code == 200
    (webhook,) = receiver.get("/_webhooks")
    assert (webhook["id"], webhook["type"], webhook["times"]) == ("msg_1", "schedule.published", 1)
    assert webhook["secrets"] == places


def test_what_is_not_believed(receiver: Simulated) -> None:
    assert deliver(receiver, OLD, body=BODY + b" ").status_code == 401
    assert deliver(receiver, OLD, age_s=400).status_code == 401
    assert deliver(receiver, "whsec_" + base64.b64encode(b"a stranger's secret").decode()).status_code == 401
    assert httpx.post(f"{receiver.url}/hooks/a", content=BODY).status_code == 401
    assert receiver.counts() == {"refused": 4}
    assert [entry["reason"] for entry in receiver.ledger("refused")][1:] == [
        "the time-stamp is more than five minutes off",
        "no signature is right",
        "there is no header webhook-id",
    ]


def test_how_often_a_webhook_came(receiver: Simulated) -> None:
    for _time in range(3):
        deliver(receiver, OLD)
    deliver(receiver, OLD, identifier="msg_2")
    assert {webhook["id"]: webhook["times"] for webhook in receiver.get("/_webhooks")} == {
        "msg_1": 3,
        "msg_2": 1,
    }


def test_secrets_of_one_path(receiver: Simulated) -> None:
    receiver.post("/_secrets", {"path": "/hooks/a", "secrets": [NEW]})
    assert deliver(receiver, OLD).status_code == 401
    assert deliver(receiver, NEW).status_code == 200
    assert httpx.post(f"{receiver.url}/_secrets", json={"secrets": "x"}).status_code == 400


@pytest.mark.parametrize("status", [500, 410, 503])
def test_faults_of_a_receiver(receiver: Simulated, status: int) -> None:
    receiver.fault("status", match="/hooks/a", times=1, status=status)
    assert deliver(receiver, OLD).status_code == status
    assert receiver.counts() == {}
    assert deliver(receiver, OLD).status_code == 200
