"""WebSockets on a simulator's port, down to a peer that says nothing any more."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from websockets.frames import Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from apps.integrations.simulators.serving.line import ClientLeftError

if TYPE_CHECKING:
    from websockets.frames import Frame

    from apps.integrations.simulators.serving.line import Line
    from apps.integrations.simulators.serving.messages import Request

READ_BYTES = 65_536


class Socket:
    """One open WebSocket. A `deaf` one reads nothing and answers no ping, as a half-open connection."""

    def __init__(self, line: Line, request: Request) -> None:
        self.request = request
        self.deaf = False
        self._line = line
        self._protocol = ServerProtocol()
        self._texts: deque[str] = deque()
        self._pieces = b""

    async def accept(self) -> bool:
        """Answer the handshake; tell whether there is a WebSocket now."""
        self._protocol.receive_data(self._line.head)
        events = self._protocol.events_received()
        if not events:
            return False
        self._protocol.send_response(self._protocol.accept(events[0]))  # type: ignore[arg-type]
        await self._flush()
        return self._protocol.state is State.OPEN

    @property
    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN

    async def receive(self) -> str | None:
        """Give the next text; nothing when the socket is closed."""
        while not self._texts:
            if not self.is_open:
                return None
            if self.deaf:
                await asyncio.Event().wait()  # nobody sets it
            data = await self._line.reader.read(READ_BYTES)
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            self._take_frames()
            await self._flush()
        return self._texts.popleft()

    def _take_frames(self) -> None:
        for event in self._protocol.events_received():
            frame: Frame = event  # type: ignore[assignment]
            if frame.opcode not in {Opcode.TEXT, Opcode.CONT}:
                continue
            self._pieces += bytes(frame.data)
            if frame.fin:
                self._texts.append(self._pieces.decode())
                self._pieces = b""

    async def send(self, text: str) -> None:
        """Send a text; raises `ClientLeftError` when the client is gone."""
        if not self.is_open:
            raise ClientLeftError
        self._protocol.send_text(text.encode())
        await self._flush()

    async def ping(self) -> None:
        self._protocol.send_ping(b"")
        await self._flush()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.is_open:
            self._protocol.send_close(code, reason)
            await self._flush()

    def cut(self) -> None:
        """Break off without a word."""
        self._line.cut()

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                await self._line.write(data)
            elif self._line.writer.can_write_eof():
                self._line.writer.write_eof()
