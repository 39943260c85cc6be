"""MCE/Oktell live: the socket and the list of agents take over from each other without a gap."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection as database

from apps.integrations.errors import AuthenticationError
from apps.integrations.registry import find_connection_test, find_feed_ages
from apps.integrations.services.access import access_to, set_secret
from apps.integrations.services.mce import Session, Sessions, session
from apps.integrations.wire.mce import socket as status_socket
from apps.integrations.wire.mce.frames import read_frames
from apps.integrations.wire.mce.tokens import Tokens
from apps.monitoring.models import AgentStateInterval, CurrentState, Feed
from apps.monitoring.services import intake
from apps.monitoring.services.intake import Transport
from tests.factories.integrations import make_connection
from tests.integrations.simulated_centre import mce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apps.integrations.models import Connection
    from tests.integrations.simulated import Simulated

pytestmark = pytest.mark.django_db(transaction=True)
SOON_S = 20.0


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


@contextmanager
def listening(connection: Connection) -> Iterator[Session]:
    running = Session(access_to(connection))
    running.start()
    try:
        yield running
    finally:
        running.stop()
        running.join(10)
        assert not running.is_alive()
        database.close()


def soon(holds: Callable[[], Any], what: str) -> None:
    """Wait until something holds."""
    until = time.monotonic() + SOON_S
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def state(connection: Connection) -> str:
    found = Feed.objects.filter(source__code=connection.code, transport="socket").values_list("state").first()
    return found[0] if found else ""


def is_live(connection: Connection) -> Callable[[], bool]:
    return lambda: state(connection) == "live"


def truth(centre: Simulated) -> dict[str, str]:
    """Give what each agent does by the centre's own record."""
    return {row["workerId"]: str(row["stateCode"]) for row in centre.get("/_truth") if row["end_s"] is None}


def ours(connection: Connection) -> dict[str, str]:
    states = CurrentState.objects.filter(agent__source__code=connection.code, status__isnull=False)
    return dict(states.values_list("agent__external_id", "status__code"))


def agrees(centre: Simulated, connection: Connection) -> Callable[[], bool]:
    return lambda: ours(connection) == truth(centre)


def move_on(centre: Simulated, seconds: int) -> None:
    centre.post("/_clock", {"forward_s": seconds})


def test_statuses_come_by_the_socket_and_the_list_is_asked_for_first(
    connection: Connection, centre: Simulated
) -> None:
    with listening(connection):
        soon(is_live(connection), "a socket")
        for _minute in range(4):
            move_on(centre, 60)
        soon(agrees(centre, connection), "all states of now")
        asked = [request["path"] for request in centre.requests() if not request["path"].startswith("/_")]
        assert asked[0] == "/auth/mce/token"
        assert asked.index("/api/v1/agents") < asked.index("/ws/agent-status")
    assert AgentStateInterval.objects.exists()
    assert Feed.objects.get(transport="socket").heard_at is not None


def test_a_closed_socket_is_replaced_by_the_list_at_once_and_comes_back(
    connection: Connection, centre: Simulated
) -> None:
    with listening(connection):
        soon(is_live(connection), "a socket")
        centre.post("/_handshakes", {"status": 503, "times": 2})
        centre.post("/_socket", {"do": "close", "code": 1011})
        soon(lambda: state(connection) == "fallback", "the list instead")
        move_on(centre, 120)
        soon(agrees(centre, connection), "states by the list")
        soon(is_live(connection), "a socket again")
        move_on(centre, 120)
        soon(agrees(centre, connection), "states by the socket")
    assert state(connection) in {"live", "fallback", "down"}


def test_silence_counts_as_lost(
    connection: Connection, centre: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """65 s in life; less here, so that the test need not wait."""
    assert status_socket.LOST_AFTER_S == 65
    monkeypatch.setattr(status_socket, "LOST_AFTER_S", 2.0)
    with listening(connection):
        soon(is_live(connection), "a socket")
        centre.post("/_handshakes", {"status": 503, "times": 1})
        centre.post("/_socket", {"do": "silence"})
        move_on(centre, 120)
        soon(lambda: state(connection) == "fallback", "the list instead")
        soon(agrees(centre, connection), "nothing was missed")
        soon(is_live(connection), "a new socket")


def test_an_expired_token_is_renewed_and_the_socket_opened_again(
    connection: Connection, centre: Simulated
) -> None:
    with listening(connection):
        soon(is_live(connection), "a socket")
        centre.post("/_socket", {"do": "expire"})
        soon(lambda: centre.counts().get("socket", 0) >= 2, "a second socket")
        assert centre.counts()["token"] >= 2
        move_on(centre, 120)
        soon(agrees(centre, connection), "states go on")


def test_one_renewal_at_a_time_and_a_refused_token_is_renewed_once(
    connection: Connection, centre: Simulated
) -> None:
    shared = Tokens(access_to(connection))
    got: list[str] = []

    def ask() -> None:
        got.append(shared.current())
        database.close()  # its call was kept there

    threads = [threading.Thread(target=ask) for _thread in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1
    assert centre.counts()["token"] == 1
    shared._token = "stale"  # noqa: S105 - one that ended
    assert shared.get("/api/v1/agents", endpoint="mce.agents").status == 200
    assert centre.counts()["token"] == 2


@pytest.mark.parametrize(("life_s", "renewed_after_s"), [(3600, 3540), (61, 1), (60, 30), (10, 5)])
def test_a_token_is_renewed_a_minute_before_its_end_or_at_half_a_short_life(
    life_s: int, renewed_after_s: int, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mce("--token-life-s", str(life_s)) as short:
        connection.base_url = short.url
        shared = Tokens(access_to(connection))
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now)
        shared.current()
        assert shared._renew_at - now == pytest.approx(renewed_after_s, abs=0.001)  # a float of the uptime
        assert not shared.is_due()


def test_a_wrong_password_is_told_as_such(connection: Connection) -> None:
    set_secret(connection, "password", "wrong", actor=None)
    with pytest.raises(AuthenticationError):
        Tokens(access_to(connection)).current()
    with listening(connection):
        soon(lambda: state(connection) == "down", "down")


def test_the_test_of_a_connection_asks_for_token_list_and_socket(connection: Connection) -> None:
    look_at = find_connection_test("mce")
    assert look_at is not None
    assert [well for well, _text in look_at(access_to(connection))] == [True] * 3
    set_secret(connection, "password", "wrong", actor=None)
    assert [well for well, _text in look_at(access_to(connection))] == [False]


def test_the_age_of_a_feed_is_told_by_connection(connection: Connection) -> None:
    ages = find_feed_ages("mce")
    assert ages is not None
    assert ages([connection.pk]) == {}
    intake.heard(connection.code, transport=Transport.SOCKET)
    assert list(ages([connection.pk])) == [connection.pk]


def test_frames_that_cannot_be_read_hold_nobody_up() -> None:
    message = '{"type":"agent-status","workerId":"7","stateCode":"1","actionTime":1790000000,"action":1}'
    frames = read_frames(
        [
            "{",
            "[]",
            '{"type":"agent-status"}',
            '{"type":"news"}',
            message,
            '{"type":"heartbeat","time":1790000000}',
        ]
    )
    assert [change.agent for change in frames.changes] == ["7"]
    assert len(frames.unread) == 3
    assert frames.time is not None


def test_sessions_begin_change_and_end_with_their_connections(
    connection: Connection, centre: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LEASE_RENEWED_S", 0.2)
    one, other = Sessions(), Sessions()
    try:
        one.keep_up()
        other.keep_up()
        assert (len(one), len(other)) == (1, 0), "of two processes one listens"
        soon(is_live(connection), "a socket")
        connection.options = {"poll_s": 0.7}
        connection.save()
        one.keep_up()
        soon(lambda: centre.counts().get("socket", 0) == 2, "the changed connection is opened anew")
        connection.is_active = False
        connection.save()
        one.keep_up()
        assert len(one) == 0
        assert state(connection) == "down"
        connection.is_active = True
        connection.save()
        other.keep_up()
        assert len(other) == 1, "the lease was given back"
    finally:
        one.end_all()
        other.end_all()
