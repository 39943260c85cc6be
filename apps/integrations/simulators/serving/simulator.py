"""What a simulator is: routes, a state, and what it makes of faults in its data."""

from __future__ import annotations

import json
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from apps.integrations.simulators.serving.faults import Faults
from apps.integrations.simulators.serving.ledger import Ledger, RequestLog
from apps.integrations.simulators.serving.messages import BadRequestError, json_answer
from apps.integrations.simulators.serving.routes import Routes

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from apps.integrations.simulators.serving.messages import Answer, Request
    from apps.integrations.simulators.serving.sockets import Socket

    Table = tuple[str, Sequence[str], Sequence[Sequence[object]]]  # title, names of columns, rows


class Simulator:
    """The other system. Handlers run on one event loop, so that each sees and leaves a whole state."""

    name: ClassVar[str] = ""

    def __init__(
        self, *, seed: int = 1, ledger: Ledger | None = None, options: Namespace | None = None
    ) -> None:
        self.seed = seed
        self.options = options
        self.ledger = ledger or Ledger()
        self.faults = Faults(seed)
        self.log = RequestLog()
        self.routes = Routes()
        self.sockets: set[Socket] = set()

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add the options that only this simulator has."""

    async def answer(self, request: Request) -> Answer:
        """Answer by the routes; 404 for a path and 405 for a method that they do not know."""
        found = self.routes.find(request)
        if found is None:
            status = 405 if self.routes.knows(request.path) else 404
            return json_answer({"error": f"{request.method} {request.path} is not served here."}, status)
        handler, pieces = found
        try:
            answer = handler(request, **pieces)
            return await answer if isawaitable(answer) else answer
        except BadRequestError as refusal:
            return json_answer({"error": refusal.text}, refusal.status)

    def bend(self, kind: str, _request: Request, answer: Answer) -> Answer:
        """Give the answer with `half` of its data, with `none`, or a refusal instead (`refuse`)."""
        if kind == "refuse":
            return json_answer({"result": "false", "message": "Отказано по заказу проверки."})
        content = json.loads(answer.body)
        if isinstance(content, dict):
            return json_answer({name: _part(value, kind) for name, value in content.items()})
        return json_answer(_part(content, kind))

    def control(self, _request: Request) -> Answer | None:
        """Answer a control path of this simulator's own (they begin with `/_`), if it is one."""
        return None

    def state(self) -> dict[str, Any]:
        """Tell what `GET /_state` shows beyond requests, faults and effects."""
        return {}

    def reset(self) -> None:
        """Become as new; ledger, log and faults are cleared already."""

    def tables(self) -> Sequence[Table]:
        """Give what the page at `/` shows."""
        return []

    def is_open(self, _request: Request) -> bool:
        """Tell whether the request needs no user name and password."""
        return False

    async def background(self) -> None:
        """Do what goes on beside the answering of requests; cancelled at the end."""

    def refuse_socket(self, _request: Request) -> Answer | None:
        """Answer a WebSocket's handshake with a refusal, if it is one that is refused."""
        return None

    async def converse(self, socket: Socket) -> None:
        """Talk over a WebSocket; closed at once by those who have none."""
        await socket.close(1008, "no sockets here")


def _part(value: Any, kind: str) -> Any:
    if not isinstance(value, list):
        return value
    return value[: len(value) // 2] if kind == "half" else []
