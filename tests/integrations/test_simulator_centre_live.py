"""What the simulated centres tell as it happens: pushes to a door, frames on a socket."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from apps.integrations.simulators.contact_centre.disturbing import Disturber, Line
from apps.integrations.simulators.serving.messages import Answer, Request, json_answer
from apps.integrations.simulators.serving.running import running_in_thread
from apps.integrations.simulators.serving.simulator import Simulator
from tests.integrations.simulated_centre import contact_centre, mce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.sync.client import ClientConnection

    from tests.integrations.simulated import Simulated

WAIT_S = 10.0
HALF_AN_HOUR = {"forward_s": 1800}


class StatusDoor(Simulator):
    """Takes statuses and says nothing about them."""

    name = "status-door"

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.taken: list[dict[str, Any]] = []
        self.routes.add("POST", "/ccwfm/api/rest/status", self.take)

    def take(self, request: Request) -> Answer:
        self.taken.append(request.json())
        return json_answer({})


@contextmanager
def door(*arguments: str) -> Iterator[tuple[StatusDoor, str]]:
    with running_in_thread(StatusDoor, arguments) as (simulator, url):
        assert isinstance(simulator, StatusDoor)
        yield simulator, url


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def all_sent(centre: Simulated) -> bool:
    pushes = centre.state()["pushes"]
    return pushes["waiting"] == 0 and sum(pushes["counts"].values()) > 0


def entered(messages: list[dict[str, Any]]) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for message in messages:
        if message["action"] == 1:
            found[message["workerId"]].append((message["actionTime"], message["stateCode"]))
    return found


def truth(server: Simulated, since_s: float) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for state in server.get("/_truth"):
        if state["start_s"] > since_s:
            found[state["workerId"]].append((int(state["start_s"]), state["stateCode"]))
    return found


def test_every_change_is_pushed_leaving_before_entering() -> None:
    with door("--user", "centre", "--password", "secret") as (receiver, url), mce() as same:
        arguments = ("--push-to", f"{url}/", "--push-user", "centre", "--push-password", "secret")
        with contact_centre(*arguments, "--system-id", "cc-1") as centre:
            for server in (centre, same):
                server.post("/_clock", HALF_AN_HOUR)
            wait_until(lambda: all_sent(centre))
            messages = receiver.taken
        since_s = 1_795_003_200  # 15:00 in Moscow
        assert entered(messages) == truth(same, since_s)
    assert {message["systemId"] for message in messages} == {"cc-1"}
    assert len(messages) > 100
    by_agent: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        by_agent[message["workerId"]].append(message)
    for own in by_agent.values():
        for exit_, enter in pairwise(own):
            assert exit_["action"] != enter["action"], "an exit for each entry"
            assert exit_["actionTime"] <= enter["actionTime"]


def test_a_door_that_refuses_or_is_not_there_is_not_told_again() -> None:
    with door() as (receiver, url), contact_centre("--push-to", url) as centre:
        receiver.faults.add({"kind": "status", "status": 500, "times": 5})
        centre.post("/_clock", HALF_AN_HOUR)
        wait_until(lambda: all_sent(centre))
        counts = centre.state()["pushes"]["counts"]
        assert counts["500"] == 5
        assert counts["200"] == len(receiver.taken)
        centre.post("/_push_to", {"address": "http://127.0.0.1:9"})
        centre.post("/_pushes", {"workerId": "nobody", "actionTime": 1, "action": 1})
        wait_until(lambda: centre.get("/_pushes")[-1]["outcome"] == "ConnectError")
        centre.post("/_push_to", {"address": url})
        centre.post("/_pushes", [{"workerId": "nobody", "actionTime": 1, "action": 1}])
        wait_until(lambda: receiver.taken[-1]["workerId"] == "nobody")


def test_a_bad_line_loses_doubles_delays_and_shifts() -> None:
    disturber = Disturber(1, Line(loss=0.2, duplicates=0.2, disorder=0.2, skew_s=300))
    sent = [{"number": number, "actionTime": number} for number in range(1000)]
    arrived = [*disturber.pass_on(sent[:500]), *disturber.pass_on(sent[500:])]
    numbers = [message["number"] for message in arrived]
    counts = disturber.counts
    assert len(arrived) == 1000 - counts["lost"] + counts["doubled"] - disturber.told()["held_back"]
    assert all(150 < counts[what] < 250 for what in ("lost", "late")), counts
    assert counts["doubled"] == len(numbers) - len(set(numbers)) > 80
    assert numbers != sorted(numbers)
    assert all(message["actionTime"] == message["number"] + 300 for message in arrived)
    assert list(Disturber(1).pass_on(sent)) == sent


def token_of(server: Simulated) -> str:
    answer = httpx.post(f"{server.url}/auth/mce/token", auth=("mce", "secret"))
    assert answer.json().keys() == {"access_token", "expires_in"}
    token: str = answer.json()["access_token"]
    return token


def dial(server: Simulated, token: str, path: str = "/ws/agent-status") -> ClientConnection:
    address = server.url.replace("http", "ws", 1) + path
    headers = {"Authorization": f"Bearer {token}"}
    return connect(address, additional_headers=headers, proxy=None, ping_interval=None, close_timeout=1)


def frames(socket: ClientConnection, *, kind: str = "agent-status") -> list[dict[str, Any]]:
    """Give the frames of a kind until there is none for a second."""
    found = []
    try:
        while True:
            found.append(json.loads(socket.recv(timeout=1)))
    except TimeoutError:
        return [frame for frame in found if frame["type"] == kind]


def test_the_socket_wants_a_token_and_tells_what_happens() -> None:
    with mce() as server:
        token = token_of(server)
        assert httpx.post(f"{server.url}/auth/mce/token", auth=("mce", "wrong")).status_code == 401
        for bad, path, status in ((token, "/ws/other", 404), ("wrong", "/ws/agent-status", 401)):
            with pytest.raises(InvalidStatus) as refusal:
                dial(server, bad, path)
            assert refusal.value.response.status_code == status
        with dial(server, token) as socket:
            wait_until(lambda: server.state()["feeds"] == 1)
            with pytest.raises(TimeoutError):
                socket.recv(timeout=0.5)  # nothing is sent on connect
            server.post("/_clock", HALF_AN_HOUR)
            told = frames(socket)
            assert entered(told) == truth(server, 1_795_003_200)
            assert told[0].keys() == {
                "type", "workerId", "stateName", "stateCode", "systemId", "actionTime", "action",
            }  # fmt: skip
        assert server.counts() == {"token": 1, "socket": 1}


def test_the_list_of_agents_is_there_for_a_token() -> None:
    with mce() as server:
        assert httpx.get(f"{server.url}/api/v1/agents").status_code == 401
        headers = {"Authorization": f"Bearer {token_of(server)}"}
        rows = httpx.get(f"{server.url}/api/v1/agents", headers=headers).json()
        current = {
            state["workerId"]: state["stateCode"] for state in server.get("/_truth") if not state["end_s"]
        }
        assert {row["agentId"]: row["stateCode"] for row in rows} == current
        server.fault("status", "/api/v1/agents", status=401, times=1)
        assert httpx.get(f"{server.url}/api/v1/agents", headers=headers).status_code == 401
        assert httpx.get(f"{server.url}/api/v1/agents", headers=headers).status_code == 200


def test_heartbeats_come_and_an_expired_token_closes_with_4401() -> None:
    with mce("--heartbeat-s", "0.3", "--token-life-s", "1.5") as server:
        beats = []
        with dial(server, token_of(server)) as socket, pytest.raises(ConnectionClosed) as closed:
            while True:
                beats.append(json.loads(socket.recv(timeout=5)))
        assert len(beats) >= 3
        assert {beat["type"] for beat in beats} == {"heartbeat"}
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


def test_a_silent_socket_stays_open_and_says_nothing() -> None:
    with mce("--heartbeat-s", "0.2") as server, dial(server, token_of(server)) as socket:
        wait_until(lambda: server.state()["feeds"] == 1)
        assert server.post("/_socket", {"do": "silence"}) == {"sockets": 1}
        frames_before = frames(socket, kind="heartbeat")
        server.post("/_clock", HALF_AN_HOUR)
        with pytest.raises(TimeoutError):
            socket.recv(timeout=1)
        assert not socket.ping().wait(0.5), "it answers no ping"
        server.post("/_socket", {"do": "speak"})
        assert json.loads(socket.recv(timeout=5))["type"] == "heartbeat", "what was not told is lost"
        assert len(frames_before) < 5


@pytest.mark.parametrize(("wanted", "code"), [({"do": "close", "code": 1012}, 1012), ({"do": "cut"}, None)])
def test_sockets_are_closed_or_cut_on_demand(wanted: dict[str, Any], code: int | None) -> None:
    with mce() as server:
        token = token_of(server)
        with dial(server, token) as socket, pytest.raises(ConnectionClosed) as closed:
            wait_until(lambda: server.state()["feeds"] == 1)
            server.post("/_socket", wanted)
            socket.recv(timeout=5)
        assert (closed.value.rcvd.code if closed.value.rcvd else None) == code
        server.post("/_handshakes", {"status": 503, "times": 1})
        with pytest.raises(InvalidStatus, match="503"):
            dial(server, token)
        with dial(server, token):
            pass
        for path, content in (("/_socket", {"do": "sing"}), ("/_handshakes", {"times": "many"})):
            assert httpx.post(server.url + path, json=content).status_code == 400
