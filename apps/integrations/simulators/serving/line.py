"""HTTP/1.1 over one connection, as little as a simulator needs, with the wire in its own hands."""

from __future__ import annotations

import asyncio
import socket
import struct
from http.client import responses
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from apps.integrations.simulators.serving.messages import BadRequestError, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.integrations.simulators.serving.messages import Answer

HEAD_BYTES = 64 * 1024
BODY_BYTES = 256 * 1024 * 1024


class ClientLeftError(Exception):
    """The client closed the connection before it had its answer."""


class Line:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = b""
        peer = writer.get_extra_info("peername")
        self.peer = f"{peer[0]}:{peer[1]}" if peer else ""

    async def read(self) -> Request | None:
        """Give the next request, or nothing when the client is gone.

        Raises `BadRequestError` for what is not HTTP and `ClientLeftError` for a body that was cut off.
        """
        try:
            self.head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except asyncio.LimitOverrunError as error:
            raise BadRequestError("The head of the request is too long.", 431) from error
        method, target, headers = _read_head(self.head)
        if headers.get("expect", "").lower() == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            body = await self._read_body(headers)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ClientLeftError from error
        address = urlsplit(target)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        return Request(method, unquote(address.path), query, headers, body, self.peer)

    async def _read_body(self, headers: Mapping[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return await self._read_chunks()
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_BYTES:
            raise BadRequestError("The Content-Length cannot be right.", 413)
        return await self.reader.readexactly(int(length))

    async def _read_chunks(self) -> bytes:
        chunks = []
        while True:
            line = await self.reader.readuntil(b"\r\n")
            try:
                size = int(line.split(b";")[0], 16)
            except ValueError as error:
                raise BadRequestError("A chunk has no size.") from error
            chunks.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
            if not size:
                return b"".join(chunks)

    async def send(self, answer: Answer, *, body: bytes | None = None) -> None:
        """Send the answer; `body` is what goes out in fact, whatever its head promises."""
        self.start(answer.status, {**answer.headers, "Content-Length": str(len(answer.body))})
        await self.write(answer.body if body is None else body)

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        rows = [
            f"HTTP/1.1 {status} {responses.get(status, 'Unheard of')}",
            *(f"{name}: {text}" for name, text in headers.items()),
        ]
        self.writer.write("\r\n".join([*rows, "", ""]).encode("latin-1"))

    async def write(self, data: bytes) -> None:
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError as error:
            raise ClientLeftError from error

    async def wait(self, seconds: float | None) -> None:
        """Wait so long, or for ever; raises `ClientLeftError` when the client does not."""
        gone = asyncio.ensure_future(self.reader.read(1))
        done, _waiting = await asyncio.wait({gone}, timeout=seconds)
        if not done:
            gone.cancel()
            await asyncio.wait({gone})  # until it lets go of the reader
            return
        raise ClientLeftError

    def cut(self) -> None:
        """Break the connection off so that the client sees a reset."""
        plug = self.writer.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except (OSError, asyncio.CancelledError):
            self.writer.transport.abort()


def _read_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *rows = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        raise BadRequestError("This is not HTTP.")
    headers = {}
    for row in rows:
        name, colon, text = row.partition(":")
        if not colon:
            raise BadRequestError("A header has no colon.")
        headers[name.strip().lower()] = text.strip()
    return words[0], words[1], headers
