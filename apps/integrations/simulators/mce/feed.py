"""What one socket is sent: statuses as they come, heartbeats, and in the end its closing."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from apps.integrations.simulators.serving.line import ClientLeftError
from apps.integrations.simulators.serving.messages import present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apps.integrations.simulators.serving.sockets import Socket

EXPIRED = 4401
LOOK_S = 0.1


class Feed:
    """Nothing is sent on connect; a silent feed is half-open: it sends nothing and answers no ping."""

    def __init__(self, socket: Socket, *, is_signed_in: Callable[[], bool], heartbeat_s: float) -> None:
        self.socket = socket
        self.is_silent = False
        self.close_code: int | None = None
        self._is_signed_in = is_signed_in
        self._heartbeat_s = heartbeat_s
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        self._is_over = False
        self._receiving: asyncio.Task[None] | None = None

    def add(self, frames: Iterable[str]) -> None:
        for frame in frames:
            self._frames.put_nowait(frame)

    def silence(self) -> None:
        self.is_silent = self.socket.deaf = True
        if self._receiving is not None:
            self._receiving.cancel()

    def speak(self) -> None:
        """Go on; what would have been said meanwhile is lost."""
        if self.is_silent:
            self.is_silent = self.socket.deaf = False
            self._receiving = asyncio.create_task(self._receive())

    async def run(self) -> None:
        """Send until the client is gone or the token has expired."""
        self._receiving = asyncio.create_task(self._receive())
        try:
            await self._send()
        finally:
            self._receiving.cancel()

    async def _receive(self) -> None:
        try:
            while await self.socket.receive() is not None:
                pass  # what clients say means nothing here
        except (ClientLeftError, ConnectionError):
            pass
        self._is_over = True

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._heartbeat_s
        while self.socket.is_open and not self._is_over:
            frame = await self._next_frame(max(min(LOOK_S, due - loop.time()), 0))
            beats = loop.time() >= due
            due += self._heartbeat_s * beats
            if self.is_silent:
                continue
            if self.close_code is None and not self._is_signed_in():
                self.close_code = EXPIRED
            if self.close_code is not None:
                await self.socket.close(self.close_code)
                return
            if frame is not None:
                await self.socket.send(frame)
            if beats:
                time = present().isoformat(timespec="milliseconds")
                await self.socket.send(json.dumps({"type": "heartbeat", "time": time}))

    async def _next_frame(self, within_s: float) -> str | None:
        try:
            return await asyncio.wait_for(self._frames.get(), within_s)
        except TimeoutError:
            return None
