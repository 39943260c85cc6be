from __future__ import annotations

import base64
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integrations.simulated import Simulated, simulated_process, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def peer() -> Iterator[Simulated]:
    with simulated_thread("webhook-receiver") as simulated:
        yield simulated


def post(peer: Simulated, path: str = "/hook", text: str = '{"type": "a.b", "share": 0.5}') -> httpx.Response:
    return httpx.post(f"{peer.url}{path}", content=text, timeout=5, headers={"webhook-id": "msg_1"})


def outcomes(peer: Simulated) -> list[tuple[str, str]]:
    return [(entry["fault"], entry["outcome"]) for entry in peer.requests()]


def test_effects_survive_a_kill_and_a_reset_forgets_them(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with simulated_process("webhook-receiver", "--ledger", str(file)) as peer:
        post(peer)
        peer.kill()
        file.write_bytes(file.read_bytes() + b'{"kind": "deliv')  # the kill met it in the middle of a line
        peer.restart()
        assert peer.counts() == {"delivered": 1}
        assert peer.ledger("delivered", "msg_1")[0]["type"] == "a.b"
        peer.reset()
        assert peer.counts() == {}
        assert file.read_bytes() == b""
        assert peer.stop() == 0


@pytest.mark.parametrize(("effect", "effects"), [(True, 1), (False, 0)])
def test_a_cut_before_and_after_the_effect(peer: Simulated, effect: bool, effects: int) -> None:
    peer.fault("cut", effect=effect)
    with pytest.raises(httpx.TransportError):
        post(peer)
    assert peer.counts().get("delivered", 0) == effects
    assert outcomes(peer) == [("cut", "cut")]


def test_a_fault_strikes_as_often_as_told_and_where_told(peer: Simulated) -> None:
    peer.fault("status", match="/hook", times=2, skip=1, status=503)
    peer.fault("status", where="someone", status=410, content="json")
    assert [post(peer).status_code for _ in range(4)] == [200, 503, 503, 200]
    assert post(peer, "/other").status_code == 200
    assert post(peer, "/other", '{"who": "someone"}').status_code == 410
    assert post(peer, "/other/someone").json()["status"] == 410
    peer.clear_faults()
    assert post(peer, "/other/someone").status_code == 200


def test_probability_is_repeatable_by_seed() -> None:
    def statuses() -> list[int]:
        with simulated_thread("webhook-receiver", "--seed", "7") as peer:
            peer.fault("status", probability=0.5)
            return [post(peer).status_code for _ in range(20)]

    first = statuses()
    assert set(first) == {200, 500}
    assert statuses() == first


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("empty", b""),
        ("malformed", b'{"receive'),
        ("bom", b'\xef\xbb\xbf{"received": true}'),
        ("nan", b'{"received": true, "note": NaN}'),
        ("refuse", '{"result": "false", "message": "Отказано по заказу проверки."}'.encode()),
    ],
)
def test_bent_bodies(peer: Simulated, kind: str, expected: bytes) -> None:
    peer.fault(kind)
    answer = post(peer)
    assert (answer.status_code, answer.content) == (200, expected)
    assert peer.counts().get("delivered", 0) == (0 if kind == "refuse" else 1)


def test_cyrillic_in_the_wrong_encoding(peer: Simulated) -> None:
    peer.fault("cp1251")
    with pytest.raises(UnicodeDecodeError):
        post(peer).content.decode()


def test_a_truncated_answer_promises_more(peer: Simulated) -> None:
    peer.fault("truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        post(peer)


def test_a_huge_and_an_endless_answer(peer: Simulated) -> None:
    peer.fault("huge", times=1, bytes=3_000_000)
    assert len(post(peer).json()["message"]) == 3_000_000
    peer.fault("endless")
    read = 0
    with httpx.stream("POST", f"{peer.url}/hook", content="{}") as answer:
        for piece in answer.iter_bytes():
            read += len(piece)
            if read > 5_000_000:
                break
    assert read > 5_000_000


def test_a_redirect_and_whether_credentials_came(peer: Simulated) -> None:
    peer.fault("redirect", location="http://127.0.0.1:9/away")
    answer = httpx.post(f"{peer.url}/hook", content="{}", auth=("wfm", "секрет"))
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/away")
    assert peer.requests()[0]["has_authorization"]


def test_who_hangs_and_who_drips(peer: Simulated) -> None:
    peer.fault("hang", times=1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{peer.url}/hook", content="{}", timeout=0.2)
    peer.fault("drip", times=1, bytes=4, seconds=0.01)
    assert post(peer).json() == {"received": True}
    peer.fault("delay", times=1, seconds=0.05)
    assert post(peer).json() == {"received": True}
    assert peer.counts() == {"delivered": 2}
    assert [kind for kind, _outcome in outcomes(peer)] == ["hang", "drip", "delay"]


def test_a_connection_goes_on_after_a_delay(peer: Simulated) -> None:
    peer.fault("delay", seconds=0.02)
    with httpx.Client(base_url=peer.url) as client:
        assert [client.post("/hook", content="{}").status_code for _ in range(5)] == [200] * 5
    assert len({entry["peer"] for entry in peer.requests()}) == 1
    assert peer.counts() == {"delivered": 5}


def test_nonsense_is_refused_and_the_server_lives(peer: Simulated) -> None:
    host, port = peer.url.removeprefix("http://").split(":")
    for nonsense in (
        b"\x16\x03\x01\r\n\r\n",
        b"GET / HTTP/1.1\r\nx\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(nonsense)
            assert b" 4" in line.recv(100)[:20]
    answer = httpx.post(f"{peer.url}/_faults", json={"kind": "sabotage"})
    assert answer.status_code == 400
    assert "no kind of fault" in answer.json()["error"]
    assert httpx.post(f"{peer.url}/_faults", json={"kind": "cut", "colour": 1}).status_code == 400
    assert httpx.get(f"{peer.url}/_nothing").status_code == 404
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(b"POST /hook HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf a request")
    time.sleep(0.05)
    assert peer.counts() == {}
    assert post(peer).status_code == 200


def test_basic_sign_in_is_utf_8_and_the_controls_are_open() -> None:
    with simulated_thread("webhook-receiver", "--user", "обмен", "--password", "пароль:1") as peer:
        credential = "обмен:пароль:1".encode()
        assert post(peer).status_code == 401
        answer = httpx.post(f"{peer.url}/hook", content="{}", auth=httpx.BasicAuth(b"x", b"y"))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        header = {"Authorization": "Basic " + base64.b64encode(credential).decode()}
        assert httpx.post(f"{peer.url}/hook", content="{}", headers=header).status_code == 200
        assert peer.counts() == {"delivered": 1}


def test_tls_with_the_right_and_the_wrong_name(tmp_path: Path) -> None:
    with simulated_process(
        "webhook-receiver",
        "--tls-name",
        "elsewhere.example",
        "--tls-directory",
        str(tmp_path),
        trust=None,
    ) as peer:
        trusted = ssl.create_default_context(cafile=tmp_path / "authority.pem")
        with pytest.raises(httpx.ConnectError, match="IP address mismatch"):
            httpx.get(f"{peer.url}/_state", verify=trusted)
        trusted.check_hostname = False
        assert httpx.get(f"{peer.url}/_state", verify=trusted).status_code == 200
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(f"{peer.url}/_state")


def test_requests_in_work_at_once_are_counted(peer: Simulated) -> None:
    peer.fault("delay", seconds=0.2)
    calls = [threading.Thread(target=post, args=(peer,)) for _ in range(4)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    state = peer.state()
    assert (state["requests"], state["in_work"], state["most_in_work"]) == (4, 0, 4)


def test_the_page_shows_what_came(peer: Simulated) -> None:
    post(peer, text='{"type": "<b>"}')
    page = httpx.get(f"{peer.url}/")
    assert page.headers["content-type"].startswith("text/html")
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text
