"""Sockets that keep the deadline of a whole exchange, whatever the other side does with its bytes.

Each thread has at most one exchange under way; a pooled connection asks it how much time is left at every
step, so an answer that drips byte by byte is cut as surely as one that never comes.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore
from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.crash import crash_point
from apps.integrations.errors import TemporaryError
from apps.integrations.wire.permits import ask_leave
from apps.integrations.wire.tls import handshake_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Guard = Callable[[str, list[str]], list[str]]

TOO_SLOW = gettext_noop("No whole answer came within %(seconds)s s.")
NO_CONNECTION = gettext_noop("No connection to %(host)s within %(seconds)s s.")
NO_NAME = gettext_noop("The name %(host)s is not known: is the address right?")
NO_NAME_SERVICE = gettext_noop("The name %(host)s could not be looked up.")
NOBODY_LISTENS = gettext_noop("%(host)s refuses connections on port %(port)s: does the service run there?")
UNREACHABLE = gettext_noop("%(host)s cannot be reached on port %(port)s.")
NO_TLS = gettext_noop(
    "%(host)s did not answer in TLS on port %(port)s within %(seconds)s s: does the address begin with http://?"
)
BROKE_OFF = gettext_noop("The connection broke off.")


@dataclass
class Exchange:
    """The exchange that a thread has under way; `written` are the bytes of it that left us."""

    until: float  # of the monotonic clock
    total_s: float
    guard: Guard | None = None
    written: int = 0

    def left_s(self) -> float:
        """Give the seconds left; raises `TemporaryError` when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise self.too_slow()
        return left

    def too_slow(self) -> TemporaryError:
        return TemporaryError(Phrase(TOO_SLOW, {"seconds": round(self.total_s)}), sent=self.written > 0)

    def broke_off(self, error: BaseException) -> TemporaryError:
        return TemporaryError(Phrase(BROKE_OFF), detail=str(error), sent=self.written > 0)


class _UnderWay(threading.local):
    exchange: Exchange | None = None


_under_way = _UnderWay()


@contextmanager
def exchanging(exchange: Exchange) -> Iterator[Exchange]:
    """Make `exchange` the one of this thread."""
    before, _under_way.exchange = _under_way.exchange, exchange
    try:
        yield exchange
    finally:
        _under_way.exchange = before


def _current() -> Exchange:
    if _under_way.exchange is None:
        raise RuntimeError("A connection of the client is used outside a call.")
    return _under_way.exchange


class BoundedStream(httpcore.NetworkStream):
    """A connected socket; the time-outs that its user asks for give way to the exchange's deadline."""

    def __init__(self, sock: socket.socket, host: str, port: int) -> None:
        self._sock = sock
        self._host = host
        self._port = port

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        exchange = _current()
        try:
            self._sock.settimeout(exchange.left_s())
            return self._sock.recv(max_bytes)
        except TimeoutError as error:
            raise exchange.too_slow() from error
        except OSError as error:
            raise exchange.broke_off(error) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        exchange = _current()
        if exchange.written and buffer:
            crash_point("request_half_sent")
        view = memoryview(buffer)
        try:
            while view:
                ask_leave()
                self._sock.settimeout(exchange.left_s())
                sent = self._sock.send(view)
                exchange.written += sent
                view = view[sent:]
        except TimeoutError as error:
            raise exchange.too_slow() from error
        except OSError as error:  # the other side may have answered before it closed: the answer is read
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        exchange = _current()
        try:
            self._sock.settimeout(exchange.left_s())
            wrapped = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except TimeoutError as error:
            self.close()
            facts: dict[str, str | int] = {"host": self._host, "port": self._port}
            facts["seconds"] = round(exchange.total_s)
            raise TemporaryError(Phrase(NO_TLS, facts), sent=False) from error
        except ssl.SSLError as error:
            self.close()
            raise handshake_error(error, self._host, self._port) from error
        except OSError as error:
            self.close()
            raise exchange.broke_off(error) from error
        return BoundedStream(wrapped, self._host, self._port)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _readable(self._sock)
        if info == "server_addr":
            return self._sock.getpeername()
        return self._sock if info == "socket" else None


def _readable(sock: socket.socket) -> bool:
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class BoundedBackend(httpcore.NetworkBackend):
    """Looks up names and connects within the deadline of the exchange."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - as above
        local_address: str | None = None,  # noqa: ARG002 - as above
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        exchange = _current()
        addresses = _look_up(host, exchange)
        if exchange.guard is not None:
            addresses = exchange.guard(host, addresses)
        failure: OSError = OSError("no address")
        for at, address in enumerate(addresses):
            try:
                sock = socket.create_connection(
                    (address, port), timeout=exchange.left_s() / (len(addresses) - at)
                )
            except OSError as error:
                failure = error
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return BoundedStream(sock, host, port)
        raise _not_connected(failure, host, port, exchange) from failure


def _not_connected(failure: OSError, host: str, port: int, exchange: Exchange) -> TemporaryError:
    if isinstance(failure, TimeoutError):
        phrase = Phrase(NO_CONNECTION, {"host": host, "seconds": round(exchange.total_s)})
    else:
        words = NOBODY_LISTENS if isinstance(failure, ConnectionRefusedError) else UNREACHABLE
        phrase = Phrase(words, {"host": host, "port": port})
    return TemporaryError(phrase, detail=str(failure), sent=False)


def _look_up(host: str, exchange: Exchange) -> list[str]:
    """Give the addresses of `host`; the system's resolver knows no deadline, so it works in a thread."""
    if _is_address(host):
        return [host]
    found: list[list[str] | OSError] = []

    def resolve() -> None:
        try:
            infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found.append(list(dict.fromkeys(str(info[4][0]) for info in infos)))
        except (OSError, UnicodeError) as error:  # a name that cannot be one fails as text
            found.append(error if isinstance(error, OSError) else socket.gaierror(str(error)))

    resolver = threading.Thread(target=resolve, name=f"look-up {host}", daemon=True)
    resolver.start()
    resolver.join(exchange.left_s())
    if not found:
        phrase = Phrase(NO_CONNECTION, {"host": host, "seconds": round(exchange.total_s)})
        raise TemporaryError(phrase, sent=False)
    if isinstance(found[0], OSError):
        again = found[0].errno == socket.EAI_AGAIN
        phrase = Phrase(NO_NAME_SERVICE if again else NO_NAME, {"host": host})
        raise TemporaryError(phrase, detail=str(found[0]), sent=False) from found[0]
    return found[0]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
