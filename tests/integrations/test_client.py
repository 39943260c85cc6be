"""Every answer that a peer can give, from a raw socket, and what the client makes of it."""

from __future__ import annotations

import gzip
import os
import socket
import threading
import time
import tracemalloc
from base64 import b64decode
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from apps.core.phrases import Phrase
from apps.integrations.errors import (
    AuthenticationError,
    ConfigurationError,
    ExchangeError,
    PoisonError,
    RefusedError,
    TemporaryError,
)
from apps.integrations.wire import watching
from apps.integrations.wire.client import Answer, call
from tests.integrations.peer import Issuer, Peer, access_to, answering, peer, raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apps.integrations.types import Access
    from tests.integrations.peer import Script

pytestmark = pytest.mark.usefixtures("in_english", "unwatched")

SESSION = uuid4()
FINE = b'[{"agentId": "7"}]'


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are not kept: the client knows no database, and these tests have none."""
    monkeypatch.setattr(watching, "_watchers", [])


def get(access: Access, path: str = "/agents/", **options: object) -> Answer:
    return call(access, "GET", path, endpoint="agents", session_id=SESSION, **options)  # type: ignore[arg-type]


def failing(script: Script, **options: object) -> ExchangeError:
    with peer(script) as other, pytest.raises(ExchangeError) as caught:
        get(access_to(other.port, timeout_s=0.5, **options))
    return caught.value


def header(request: bytes, name: str) -> str:
    lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return next((line.partition(":")[2].strip() for line in lines if line.lower().startswith(name + ":")), "")


def test_a_call_carries_its_ids_and_credentials() -> None:
    with peer(answering(FINE)) as other:
        access = access_to(other.port)
        first = get(access, params={"day": "2026-11-20"}, reads_json=True)
        second = call(access, "POST", "send", endpoint="send", session_id=SESSION, json={"имя": "Ян"})
        asked, sent = other.requests
    assert first.data == [{"agentId": "7"}]
    assert asked.startswith(b"GET /zup/hs/wfm/agents/?day=2026-11-20 HTTP/1.1\r\n")
    assert sent.endswith('{"имя":"Ян"}'.encode())
    assert header(asked, "x-session-id") == header(sent, "x-session-id") == str(SESSION)
    assert [header(asked, "x-request-id"), header(sent, "x-request-id")] == [
        str(first.request_id),
        str(second.request_id),
    ]
    assert first.request_id != second.request_id
    assert b64decode(header(asked, "authorization").removeprefix("Basic ")).decode() == "обмен:п:ароль"


def test_a_connection_is_kept_between_calls_but_not_across_a_fork() -> None:
    with peer(answering(FINE)) as other:
        access = access_to(other.port)
        for _time in range(3):
            get(access)
        assert other.connections == 1
        child = os.fork()
        if child == 0:
            os._exit(0 if get(access).body == FINE else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert other.connections == 2
        get(access)
        assert other.connections == 2


def test_threads_share_the_pool() -> None:
    with peer(answering(FINE)) as other:
        access = access_to(other.port)
        bodies: list[bytes] = []
        threads = [threading.Thread(target=lambda: bodies.append(get(access).body)) for _one in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert bodies == [FINE] * 20


@pytest.mark.parametrize(
    ("status", "error", "had_effect"),
    [
        ("401 Unauthorized", AuthenticationError, False),
        ("403 Forbidden", AuthenticationError, False),
        ("404 Not Found", ConfigurationError, False),
        ("405 Method Not Allowed", ConfigurationError, False),
        ("400 Bad Request", RefusedError, True),
        ("409 Conflict", RefusedError, True),
        ("429 Too Many Requests", TemporaryError, False),
        ("500 Internal Server Error", TemporaryError, True),
        ("502 Bad Gateway", TemporaryError, True),
        ("503 Service Unavailable", TemporaryError, True),
        ("299 Strange", TemporaryError, True),
    ],
)
def test_each_status_has_its_class(status: str, error: type[ExchangeError], *, had_effect: bool) -> None:
    body = "<html><style>x</style><h1>Ошибка</h1> сервера".encode()
    caught = failing(answering(body, status, "Retry-After: 7"))
    assert type(caught) is error
    assert caught.status == int(status[:3])
    assert caught.detail == "Ошибка сервера"
    assert caught.sent is had_effect
    assert caught.retry_after_s == 7


def test_a_status_that_the_caller_accepts_is_given_to_it() -> None:
    with peer(answering(b'{"message": "no data"}', "404 Not Found")) as other:
        assert get(access_to(other.port), accept_status=(200, 404)).status == 404


def test_a_redirect_is_not_followed_and_no_credential_leaves() -> None:
    with peer(answering(FINE)) as elsewhere:
        target = f"Location: http://user:secret@127.0.0.1:{elsewhere.port}/?token=abc"
        caught = failing(answering(b"", "302 Found", target))
        assert elsewhere.requests == []
        assert isinstance(caught, ConfigurationError)
        assert f"http://127.0.0.1:{elsewhere.port}" in str(caught)
        assert "secret" not in str(caught)
        assert "abc" not in str(caught)
        get(access_to(1), absolute_url=f"http://127.0.0.1:{elsewhere.port}/hook")
        assert header(elsewhere.requests[0], "authorization") == ""


@pytest.mark.parametrize(
    "script",
    [
        answering(b""),
        answering(b" \r\n "),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2", then_close=True),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2\r\n", then_close=True),
        raw(b"HTTP/1.1 200 OK\r\nContent-Le", then_close=True),
        raw(b"", then_close=True),
        raw(b"SSH-2.0-OpenSSH_9.6\r\n", then_close=True),
        answering(gzip.compress(FINE)[:-12], "200 OK", "Content-Encoding: gzip"),
    ],
    ids=["empty", "blank", "cut", "cut chunk", "cut head", "closed", "not http", "cut gzip"],
)
def test_an_empty_or_cut_answer_may_be_asked_for_again(script: Script) -> None:
    caught = failing(script)
    assert type(caught) is TemporaryError
    assert caught.sent


def test_an_empty_answer_is_fine_where_none_is_needed() -> None:
    with peer(raw(b"HTTP/1.1 204 No Content\r\n\r\n")) as other:
        assert get(access_to(other.port), accept_status=(200, 204), needs_body=False).body == b""


def test_an_answer_that_drips_or_never_comes_is_cut_at_the_deadline() -> None:
    def drip(sock: socket.socket, _request: bytes) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000:
            sock.sendall(bytes([byte]))
            time.sleep(0.02)

    def drip_body(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _byte in range(1000):
            sock.sendall(b"x")
            time.sleep(0.02)

    for script in (drip, drip_body, raw(b"")):
        caught = failing(script)
        assert type(caught) is TemporaryError
        assert "0" in str(caught)
        assert caught.sent


def test_a_refused_port_and_an_unknown_name_are_told_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TemporaryError, match=f"refuses connections on port {port}") as caught:
        get(access_to(port))
    assert not caught.value.sent
    with pytest.raises(TemporaryError, match=r"nowhere\.invalid") as caught:
        get(access_to(80, host="nowhere.invalid"))
    assert not caught.value.sent


@pytest.mark.parametrize("address", ["ftp://host/", "host:80/", "", "http://", "http://[::1", "http://a\nb/"])
def test_what_is_no_address_is_a_wrong_setting(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        get(access_to(80, base_url=address))
    assert not caught.value.sent


def test_a_long_answer_is_refused_in_bounded_memory() -> None:
    def endless(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        piece = b"x" * 65536
        while True:
            sock.sendall(piece)

    bomb = gzip.compress(bytes(300_000_000), 9)
    tracemalloc.start()
    for script in (
        endless,
        answering(bomb, "200 OK", "Content-Encoding: gzip"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n"),
    ):
        with peer(script) as other, pytest.raises(PoisonError, match="longer"):
            get(access_to(other.port))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000


def test_a_packed_answer_is_unpacked() -> None:
    body = b"[" + b"1," * 2_000_000 + b"1]"
    packed = gzip.compress(body[:1000]) + gzip.compress(body[1000:])
    with peer(answering(packed, "200 OK", "Content-Encoding: gzip")) as other:
        assert get(access_to(other.port, max_answer_bytes=10_000_000)).body == body
    assert isinstance(failing(answering(b"nonsense", "200 OK", "Content-Encoding: gzip")), PoisonError)
    assert isinstance(failing(answering(b"nonsense", "200 OK", "Content-Encoding: br")), PoisonError)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def trusting(issuer: Issuer) -> Iterator[dict[str, object]]:
    return {"options": {"ca_file": str(issuer.ca_file)}}


def test_a_certificate_of_an_own_issuer_is_verified(issuer: Issuer, trusting: dict[str, object]) -> None:
    with peer(answering(FINE), issuer.server()) as other:
        assert get(access_to(other.port, "https", **trusting)).body == FINE


@pytest.mark.parametrize(
    ("certificate", "trusted", "words"),
    [
        ({"name": "zup.example"}, True, "is not for 127.0.0.1"),
        ({"days": -1}, True, "has expired"),
        ({}, False, "issuer that is not trusted"),
    ],
)
def test_a_wrong_certificate_is_told_in_words_and_nothing_is_sent(
    issuer: Issuer, trusting: dict[str, object], certificate: dict[str, object], words: str, *, trusted: bool
) -> None:
    with peer(answering(FINE), issuer.server(**certificate)) as other:  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match=words) as caught:
            get(access_to(other.port, "https", **(trusting if trusted else {})))
        assert other.requests == []
    assert not caught.value.sent


def test_a_port_that_says_nothing_to_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        access = access_to(silent.getsockname()[1], "https", timeout_s=1)
        with pytest.raises(TemporaryError, match="did not answer in TLS on port") as caught:
            get(access)
    assert not caught.value.sent


@pytest.mark.parametrize(
    ("reason", "said"),
    [("It is away.", "It is away. x"), ("Is it there?", "Is it there? x"), ("Away", "Away: x")],
)
def test_what_the_other_system_said_follows_the_reason(reason: str, said: str) -> None:
    assert str(TemporaryError(Phrase.plain(reason), detail="x")) == said


def test_a_port_without_tls_is_told(tmp_path: Path) -> None:
    def greet(other: Peer) -> None:
        with pytest.raises(ConfigurationError, match="does not speak TLS"):
            get(access_to(other.port, "https"))

    with peer(raw(b"")) as other:
        listening = socket.create_server(("127.0.0.1", 0))
        other.port = listening.getsockname()[1]

        def speak_plainly() -> None:
            sock, _address = listening.accept()
            sock.recv(1000)
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            sock.close()

        thread = threading.Thread(target=speak_plainly)
        thread.start()
        greet(other)
        thread.join()
        listening.close()
    missing = tmp_path / "none.pem"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        get(access_to(443, "https", options={"ca_file": str(missing)}))


def test_a_guard_chooses_the_addresses_of_each_connection() -> None:
    asked: list[tuple[str, list[str]]] = []

    def guard(host: str, addresses: list[str]) -> list[str]:
        asked.append((host, addresses))
        return ["127.0.0.1"]

    with peer(answering(FINE)) as other:
        access = access_to(other.port, host="localhost")
        for _time in range(2):
            get(access, guard=guard)
        assert other.connections == 2
    assert [host for host, _addresses in asked] == ["localhost", "localhost"]
