"""The server under every simulator: its sign-in, its control paths, its page and its faults."""

from __future__ import annotations

import asyncio
import base64
import hmac
from typing import TYPE_CHECKING

from apps.integrations.simulators.serving.breaking import send_broken
from apps.integrations.simulators.serving.control import CONTROLS
from apps.integrations.simulators.serving.line import HEAD_BYTES, ClientLeftError, Line
from apps.integrations.simulators.serving.messages import Answer, BadRequestError, html_answer, json_answer
from apps.integrations.simulators.serving.page import page
from apps.integrations.simulators.serving.sockets import Socket

if TYPE_CHECKING:
    import ssl

    from apps.integrations.simulators.serving.faults import Fault
    from apps.integrations.simulators.serving.messages import Request
    from apps.integrations.simulators.serving.simulator import Simulator

DATA_FAULTS = {"half", "none", "refuse"}


class Server:
    """Serves one simulator on one port; with `user`, everything but the control paths wants Basic."""

    def __init__(self, simulator: Simulator, *, user: str = "", password: str = "") -> None:
        self.simulator = simulator
        self._credential = f"{user}:{password}".encode() if user else b""
        self._lines: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None
        self._background: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen and give the port, which is a free one for port 0."""
        self._listening = await asyncio.start_server(self._serve, host, port, ssl=tls, limit=HEAD_BYTES)
        self._background = asyncio.create_task(self.simulator.background())
        return int(self._listening.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection, and end what runs in the background."""
        tasks = [*self._lines, *([self._background] if self._background else [])]
        if self._listening is not None:
            self._listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.simulator.ledger.close()

    async def wait(self) -> None:
        """Run until the background work fails; a simulator without any runs for ever."""
        if self._background is not None:
            await self._background
        await asyncio.Event().wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        line = Line(reader, writer)
        if task is not None:
            self._lines.add(task)
        try:
            while await self._serve_one(line):
                pass
        except (ClientLeftError, ConnectionError, asyncio.CancelledError):
            line.writer.transport.abort()
        finally:
            await line.close()
            if task is not None:
                self._lines.discard(task)

    async def _serve_one(self, line: Line) -> bool:
        """Answer one request; tell whether the connection stays open."""
        try:
            request = await line.read()
        except BadRequestError as refusal:
            await line.send(json_answer({"error": refusal.text}, refusal.status, Connection="close"))
            return False
        if request is None:
            return False
        if request.header("upgrade").lower() == "websocket":
            await self._converse(line, request)
            return False
        control = await self._control(request)
        if control is not None:
            await line.send(control)
        else:
            await self._answer(line, request)
        return request.header("connection").lower() != "close" and not line.writer.is_closing()

    async def _answer(self, line: Line, request: Request) -> None:
        log = self.simulator.log
        entry = log.begin(request)
        fault = self.simulator.faults.take(request)
        entry["fault"] = fault.kind if fault else ""
        outcome, status = "client left", None
        try:
            answer = await self._right_answer(request, fault)
            status = answer.status
            if fault is None:
                await line.send(answer)
                outcome = "answered"
            else:
                outcome, status = await send_broken(line, answer, fault)
        finally:
            log.end(entry, outcome, status)

    async def _right_answer(self, request: Request, fault: Fault | None) -> Answer:
        """Answer before any fault of the wire; what must take no effect is not even looked at."""
        if not self._is_signed_in(request):
            return json_answer(
                {"error": "Неверное имя пользователя или пароль"}, 401, WWW_Authenticate='Basic realm="1C"'
            )
        if fault is None:
            return await self.simulator.answer(request)
        answer = await self.simulator.answer(request) if fault.effect else json_answer({})
        if fault.kind in DATA_FAULTS and answer.status < 300:  # noqa: PLR2004 - bends what went well
            answer = self.simulator.bend(fault.kind, request, answer)
        return answer

    def _is_signed_in(self, request: Request) -> bool:
        if not self._credential or self.simulator.is_open(request):
            return True
        scheme, _space, text = request.header("Authorization").partition(" ")
        try:
            given = base64.b64decode(text, validate=True)
        except ValueError:
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(given, self._credential)

    async def _converse(self, line: Line, request: Request) -> None:
        entry = self.simulator.log.begin(request)
        outcome = "socket closed"
        try:
            if not self._is_signed_in(request):
                await line.send(json_answer({"error": "unauthorised"}, 401, Connection="close"))
                outcome = "refused"
                return
            refusal = self.simulator.refuse_socket(request)
            if refusal is not None:
                await line.send(refusal)
                outcome = "refused"
                return
            socket = Socket(line, request)
            if await socket.accept():
                await self._hold(socket)
        finally:
            self.simulator.log.end(entry, outcome, None)

    async def _hold(self, socket: Socket) -> None:
        self.simulator.sockets.add(socket)
        try:
            await self.simulator.converse(socket)
            await socket.close()
        finally:
            self.simulator.sockets.discard(socket)

    async def _control(self, request: Request) -> Answer | None:
        """Answer `/`, and the control paths `/_…`; nothing for a path of the other system."""
        if request.path == "/" and request.method == "GET":
            return html_answer(page(self.simulator))
        if not request.path.startswith("/_"):
            return None
        common = CONTROLS.get((request.method, request.path))
        try:
            if common is not None:
                return json_answer(common(self.simulator, request))
            answer = self.simulator.control(request)
        except BadRequestError as refusal:
            return json_answer({"error": refusal.text}, refusal.status)
        return answer or json_answer({"error": f"{request.method} {request.path}: no such control."}, 404)
