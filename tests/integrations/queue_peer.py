"""Another system on a real socket, which counts what took effect in it; and operations that call it."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from apps.core.phrases import Phrase
from apps.integrations.errors import NotDoneError
from apps.integrations.registry import operation_handler
from apps.integrations.services.access import access_of
from apps.integrations.types import Done
from apps.integrations.wire.client import call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.types import OperationInHand


class CountingPeer(ThreadingHTTPServer):
    """`PUT /state` sets a state, `POST /document` makes a document each time, `GET` counts these."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.states: Counter[str] = Counter()
        self.documents: Counter[str] = Counter()
        self.order: list[str] = []
        self.in_work = self.most_in_work = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CountingPeer

    def do_PUT(self) -> None:
        self._take(self.server.states)

    def do_POST(self) -> None:
        self._take(self.server.documents)

    def do_GET(self) -> None:
        self._answer({"count": self.server.documents[self.path.rpartition("/")[2]]})

    def _take(self, effects: Counter[str]) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) < int(self.headers["Content-Length"]):
            return  # half a request has no effect
        asked = json.loads(body)
        with self.server.lock:
            effects[asked["key"]] += 1
            self.server.order.append(asked["key"])
            self.server.in_work += 1
            self.server.most_in_work = max(self.server.most_in_work, self.server.in_work)
        time.sleep(asked.get("work_s", 0))
        with self.server.lock:
            self.server.in_work -= 1
        self._answer({"result": True})

    def _answer(self, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def counting_peer() -> Iterator[CountingPeer]:
    with CountingPeer() as peer:
        thread = threading.Thread(target=peer.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield peer
        peer.shutdown()


def _send(in_hand: OperationInHand, method: str, path: str) -> Any:
    return call(
        access_of(in_hand.connection_id),
        method,
        path,
        endpoint=path.strip("/"),
        json=None if method == "GET" else dict(in_hand.payload),
        session_id=in_hand.session_id,
        request_id=in_hand.request_id,
        reads_json=True,
    ).data


@operation_handler("tests.state", label="Sets a state")
def set_state(in_hand: OperationInHand) -> Done:
    return Done(_send(in_hand, "PUT", "/state"))


def find_document(in_hand: OperationInHand) -> Done:
    found = _send(in_hand, "GET", f"/document/{in_hand.payload['key']}")
    if not found["count"]:
        raise NotDoneError(Phrase.plain("there is none"))
    return Done(found)


@operation_handler("tests.document", label="Makes a document", repeatable=False, settle=find_document)
def make_document(in_hand: OperationInHand) -> Done:
    return Done(_send(in_hand, "POST", "/document"))
