"""What MCE/Oktell servers do beside what they should: nobody active, mute sockets, sockets that end soon."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from apps.integrations.registry import find_connection_test
from apps.integrations.services.access import access_to, set_secret
from apps.integrations.services.mce import Session
from apps.integrations.wire.mce import socket as status_socket
from apps.integrations.wire.mce.frames import read_frames
from tests.factories.integrations import make_connection
from tests.integrations.simulated_centre import mce
from tests.integrations.test_mce import agrees, is_live, listening, move_on, ours, soon, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection
    from tests.integrations.simulated import Simulated

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS = "/api/v1/agents"
NOBODY = {
    "match": AGENTS,
    "kind": "status",
    "status": 404,
    "content": "json",
    "body": json.dumps({"field": None, "message": "No data", "description": ""}),
}


@pytest.fixture
def centre() -> Iterator[Simulated]:
    with mce("--heartbeat-s", "0.5") as simulated:
        yield simulated


@pytest.fixture
def connection(centre: Simulated) -> Connection:
    made = make_connection(
        system="mce", base_url=centre.url, authentication="basic", username="mce", options={"poll_s": 0.5}
    )
    set_secret(made, "password", "secret", actor=None)
    return made


def asked(centre: Simulated, path: str) -> int:
    return sum(request["path"] == path for request in centre.requests())


def test_a_404_of_the_centre_is_a_list_of_nobody(connection: Connection, centre: Simulated) -> None:
    centre.post("/_faults", NOBODY)
    look_at = find_connection_test("mce")
    assert look_at is not None
    assert [well for well, _text in look_at(access_to(connection))] == [True] * 3
    with listening(connection):
        soon(is_live(connection), "a socket although nobody is active")
        move_on(centre, 600)
        soon(lambda: ours(connection), "those who begin to work are told by the socket")


def test_any_other_404_is_a_wrong_address(connection: Connection, centre: Simulated) -> None:
    centre.post("/_faults", {"match": AGENTS, "kind": "status", "status": 404})
    look_at = find_connection_test("mce")
    assert look_at is not None
    assert [well for well, _text in look_at(access_to(connection))] == [True, False]


def test_a_list_that_fails_is_not_asked_for_without_pauses(connection: Connection, centre: Simulated) -> None:
    centre.post("/_faults", {"match": AGENTS, "kind": "status", "status": 500})
    with listening(connection):
        soon(lambda: centre.counts().get("socket", 0) >= 1, "a socket")
        before = asked(centre, AGENTS)
        time.sleep(2)
        assert asked(centre, AGENTS) - before <= 10
        centre.clear_faults()
        soon(is_live(connection), "a socket again")


def test_sockets_that_end_at_once_are_opened_with_pauses(connection: Connection, centre: Simulated) -> None:
    with listening(connection):
        for _time in range(3):
            soon(is_live(connection), "a socket")
            centre.post("/_socket", {"do": "close", "code": 4401})
            soon(lambda: state(connection) == "fallback", "the list at once")
        assert asked(centre, "/ws/agent-status") <= 4


def test_a_socket_after_a_silence_is_believed_when_it_is_heard(
    connection: Connection, centre: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open socket that stays mute is no reason to stop asking for the list."""
    with listening(connection):
        soon(is_live(connection), "a socket")
        monkeypatch.setattr(status_socket, "LOST_AFTER_S", 2.0)
        monkeypatch.setattr(status_socket.StatusSocket, "burst", _mute(status_socket.StatusSocket))
        soon(lambda: state(connection) == "fallback", "the silence is noticed")
        soon(lambda: asked(centre, "/ws/agent-status") >= 2, "another socket")
        before = asked(centre, AGENTS)
        soon(lambda: asked(centre, AGENTS) >= before + 3, "the list, again and again")
        move_on(centre, 120)
        soon(agrees(centre, connection), "states by the list")
        assert state(connection) == "fallback"
        monkeypatch.undo()
        soon(is_live(connection), "heard again")


def _mute(of: type[status_socket.StatusSocket]) -> object:
    real = of.burst

    def burst(self: status_socket.StatusSocket, within_s: float) -> list[str | bytes]:
        heard_at = self._heard_at
        real(self, within_s)
        self._heard_at = heard_at
        if time.monotonic() - heard_at >= status_socket.LOST_AFTER_S:
            raise status_socket.SilentError(status_socket.Phrase(status_socket.SILENT, {"seconds": 2}))
        return []

    return burst


@pytest.mark.parametrize("chosen", ["soon", -1, True, 0, None, 10**400])
def test_a_period_that_cannot_be_stops_no_session(connection: Connection, chosen: object) -> None:
    connection.options = {"poll_s": chosen}
    assert Session(access_to(connection))._poll_s == 5


@pytest.mark.parametrize(
    ("told", "is_read"),
    [
        (1_790_000_000, True),
        (1_790_000_000.5, True),
        (1_790_000_000_000, True),
        ("2026-09-21T14:13:20Z", True),
        (10**40, False),
        (-5, False),
        (1e300, False),
        ("2026-09-21T14:13:20", False),
    ],
)
def test_a_heartbeat_that_cannot_be_read_loses_nothing(told: object, is_read: bool) -> None:
    message = '{"type":"agent-status","workerId":"7","stateCode":"1","actionTime":1790000000,"action":1}'
    frames = read_frames([message, json.dumps({"type": "heartbeat", "time": told})])
    assert [change.agent for change in frames.changes] == ["7"]
    assert (frames.time is not None, len(frames.unread)) == (is_read, 0 if is_read else 1)
    assert frames.time is None or int(frames.time.timestamp()) == 1_790_000_000


def test_the_socket_trusts_the_certificate_file_of_the_connection(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted: list[str] = []

    def tls_context(ca_file: str) -> None:
        trusted.append(ca_file)
        raise status_socket.TemporaryError(status_socket.Phrase("stopped here"))

    monkeypatch.setattr(status_socket, "tls_context", tls_context)
    connection.base_url = "https://127.0.0.1:9"
    connection.options = {"ca_file": "/etc/own-issuer.pem"}
    with pytest.raises(status_socket.TemporaryError):
        status_socket.StatusSocket(access_to(connection), "token")
    assert trusted == ["/etc/own-issuer.pem"]
