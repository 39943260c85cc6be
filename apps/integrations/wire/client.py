"""The one way out: every call to another system is made by `call` and keeps its limits.

A whole call has one deadline, an answer one limit of size; redirects are not followed, certificates are
verified, credentials go to the connection's own address only, and every call is told to the watchers.
"""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpcore
import httpx
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import Authentication
from apps.integrations.crash import crash_point
from apps.integrations.errors import ConfigurationError, ExchangeError, TemporaryError
from apps.integrations.wire.answers import Answer
from apps.integrations.wire.bodies import read_beginning, read_body
from apps.integrations.wire.pools import pool_of
from apps.integrations.wire.reading import json_of
from apps.integrations.wire.statuses import BROKEN_HTTP, EMPTY, status_error
from apps.integrations.wire.streams import Exchange, exchanging
from apps.integrations.wire.watching import SHOWN_BYTES, CallMade, tell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from apps.integrations.types import Access
    from apps.integrations.wire.streams import Guard

__all__ = ["Answer", "call"]

AGENT = "wfm"
OWN_HEADERS = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": AGENT}
NO_ADDRESS = gettext_noop("%(address)s is no address of a service: it has to begin with http:// or https://.")
UNSENDABLE = gettext_noop("The request cannot be sent as it is.")
NO_ROOM = gettext_noop("All connections to the other system were in use for %(seconds)s s.")
BROKE_OFF = gettext_noop("The connection broke off.")


def call(
    access: Access,
    method: str,
    path: str,
    *,
    endpoint: str,
    session_id: UUID,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    request_id: UUID | None = None,
    accept_status: Collection[int] = (200,),
    absolute_url: str | None = None,
    needs_body: bool = True,
    reads_json: bool = False,
    timeout_s: float | None = None,
    guard: Guard | None = None,
) -> Answer:
    """Make one call to the system of `access` and give its answer; `endpoint` is its name in the figures.

    `path` follows the connection's address; `absolute_url` stands instead of both, and gets the connection's
    credentials only when it has the same origin. A status in `accept_status` is the caller's to judge.
    `needs_body` false lets an empty answer pass; `reads_json` makes `Answer.data`. `guard` is given host and
    addresses right before a connection and gives those that are allowed.

    Raises the `ExchangeError` family: see `docs/integrations.md` for what is which.
    """
    request_id = request_id or uuid4()
    exchange = Exchange(
        until=time.monotonic() + (timeout_s or access.timeout_s),
        total_s=timeout_s or access.timeout_s,
        guard=guard,
    )
    telling = _Telling(access, endpoint, method, session_id, request_id)
    try:
        url = _url(access, path, absolute_url)
        telling.path = url.path
        request = _request(method, url, params, json, content)
        request.headers.update(_headers(access, url, session_id, request_id, headers or {}))
        telling.request = request.content
        answer = _exchange(access, request, exchange, telling, accept_status, needs_body=needs_body)
        if reads_json:
            answer = replace(answer, data=json_of(answer.body))
    except ExchangeError as error:
        telling.error(error)
        raise
    else:
        telling.end()
    return answer


def _url(access: Access, path: str, absolute_url: str | None) -> httpx.URL:
    address = absolute_url or f"{access.base_url.rstrip('/')}/{path.lstrip('/')}"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise ConfigurationError(Phrase(NO_ADDRESS, {"address": address}), sent=False) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigurationError(Phrase(NO_ADDRESS, {"address": address}), sent=False)
    return url


def _request(
    method: str,
    url: httpx.URL,
    params: Mapping[str, Any] | None,
    json: Any,
    content: bytes | None,
) -> httpx.Request:
    if params:
        url = url.copy_merge_params(dict(params))
    if json is not None:
        return httpx.Request(method, url, json=json, headers=OWN_HEADERS)
    return httpx.Request(method, url, content=content, headers=OWN_HEADERS)


def _headers(
    access: Access, url: httpx.URL, session_id: UUID, request_id: UUID, headers: Mapping[str, str]
) -> dict[str, str]:
    made = {"x-request-id": str(request_id), "x-session-id": str(session_id)}
    if access.authentication == Authentication.BASIC and _same_origin(access, url):
        pair = f"{access.username}:{access.secrets.get('password', '')}".encode()
        made["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return made | {name.lower(): value for name, value in headers.items()}


def _same_origin(access: Access, url: httpx.URL) -> bool:
    own = httpx.URL(access.base_url)
    return (own.scheme, own.host, _port(own)) == (url.scheme, url.host, _port(url))


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _exchange(
    access: Access,
    request: httpx.Request,
    exchange: Exchange,
    telling: _Telling,
    accept_status: Collection[int],
    *,
    needs_body: bool,
) -> Answer:
    pool = pool_of(
        access.connection_id, str(access.options.get("ca_file") or ""), kept=exchange.guard is None
    )
    with exchanging(exchange):
        response = _send(pool, request, exchange)
        crash_point("answer_unread")
        telling.status = response.status
        try:
            headers = {
                name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers
            }
            if response.status not in accept_status:
                telling.answer = read_beginning(_chunks(response, exchange), headers, SHOWN_BYTES)
                raise status_error(response.status, headers, telling.answer, str(request.url.host))
            telling.answer = read_body(_chunks(response, exchange), headers, access.max_answer_bytes)
        finally:
            response.close()
    if needs_body and not telling.answer.strip():
        raise TemporaryError(Phrase(EMPTY), status=response.status)
    return Answer(
        response.status, headers, telling.answer, UUID(request.headers["x-request-id"]), telling.seconds()
    )


def _send(pool: httpcore.ConnectionPool, request: httpx.Request, exchange: Exchange) -> httpcore.Response:
    raw = request.url
    outgoing = httpcore.Request(
        method=request.method.encode("ascii"),
        url=httpcore.URL(scheme=raw.raw_scheme, host=raw.raw_host, port=raw.port, target=raw.raw_path),
        headers=request.headers.raw,
        content=request.content,
        extensions={"timeout": {"pool": exchange.left_s()}},
    )
    try:
        return pool.handle_request(outgoing)
    except httpcore.PoolTimeout as error:
        phrase = Phrase(NO_ROOM, {"seconds": round(exchange.total_s)})
        raise TemporaryError(phrase, sent=False) from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
        raise ConfigurationError(Phrase(UNSENDABLE), detail=str(error), sent=False) from error
    except httpcore.RemoteProtocolError as error:
        raise _broken(error, exchange) from error


def _chunks(response: httpcore.Response, exchange: Exchange) -> Iterator[bytes]:
    try:
        yield from response.iter_stream()
    except httpcore.RemoteProtocolError as error:
        raise _broken(error, exchange) from error


def _broken(error: httpcore.RemoteProtocolError, exchange: Exchange) -> TemporaryError:
    closed = "disconnected" in str(error) or "closed connection" in str(error)
    phrase = Phrase(BROKE_OFF if closed else BROKEN_HTTP)
    return TemporaryError(phrase, detail=str(error), sent=exchange.written > 0)


class _Telling:
    """Gathers what the watchers are told of a call."""

    def __init__(
        self, access: Access, endpoint: str, method: str, session_id: UUID, request_id: UUID
    ) -> None:
        self._facts = (access.connection_id, endpoint, method)
        self._ids = (session_id, request_id)
        self._began_at = clock.now()
        self._began = time.monotonic()
        self.path = ""
        self.request = b""
        self.answer = b""
        self.status: int | None = None

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def error(self, error: ExchangeError) -> None:
        error.status = error.status or self.status
        self.end(str(error.failure), error.reason)

    def end(self, failure: str = "", reason: Phrase | None = None) -> None:
        connection_id, endpoint, method = self._facts
        session_id, request_id = self._ids
        tell(
            CallMade(
                connection_id=connection_id,
                endpoint=endpoint,
                method=method,
                path=self.path,
                session_id=session_id,
                request_id=request_id,
                began_at=self._began_at,
                duration_s=self.seconds(),
                status=self.status,
                failure=failure,
                reason=reason or Phrase(),
                request_bytes=len(self.request),
                answer_bytes=len(self.answer),
                request=self.request[:SHOWN_BYTES],
                answer=self.answer[:SHOWN_BYTES],
            )
        )
