"""MCE/Oktell: tokens, a socket on which statuses come, and the list of agents to fall back on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.integrations.simulators.contact_centre.centre import status_of
from apps.integrations.simulators.contact_centre.live import agent_rows
from apps.integrations.simulators.contact_centre.running import CentreSimulator
from apps.integrations.simulators.mce.feed import Feed
from apps.integrations.simulators.mce.tokens import Tokens, bearer_of, has_basic
from apps.integrations.simulators.serving.messages import BadRequestError, json_answer

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from apps.integrations.simulators.contact_centre.disturbing import Message
    from apps.integrations.simulators.serving.ledger import Ledger
    from apps.integrations.simulators.serving.messages import Answer, Request
    from apps.integrations.simulators.serving.sockets import Socket

SOCKET_PATH = "/ws/agent-status"
TOKEN_PATH = "/auth/mce/token"  # noqa: S105 - an address
ACTIONS = ("close", "cut", "silence", "speak", "expire")


class Mce(CentreSimulator):
    """Plays MCE/Oktell: statuses over a WebSocket, by token, with a heartbeat."""

    name = "mce"

    def __init__(
        self, *, seed: int = 1, ledger: Ledger | None = None, options: Namespace | None = None
    ) -> None:
        super().__init__(seed=seed, ledger=ledger, options=options)
        self.heartbeat_s = getattr(options, "heartbeat_s", 30.0)
        self.tokens = Tokens(getattr(options, "token_life_s", 3600.0))
        self.feeds: set[Feed] = set()
        self.refusals = {"status": 401, "times": 0}
        self.told = 0
        self.routes.add("POST", TOKEN_PATH, self.token)
        self.routes.add("GET", "/api/v1/agents", self.agents)

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--token-life-s", type=float, default=3600.0)
        parser.add_argument("--heartbeat-s", type=float, default=30.0)

    def is_open(self, request: Request) -> bool:
        """Only tokens are given for a user name and password."""
        return not request.path.endswith(TOKEN_PATH)

    def token(self, request: Request) -> Answer:
        if not has_basic(request.header("Authorization")):
            return _unauthorised()
        self.ledger.add("token", "", request)
        return json_answer({"access_token": self.tokens.give(), "expires_in": int(self.tokens.life_s)})

    def agents(self, request: Request) -> Answer:
        if not self._is_known(request):
            return _unauthorised()
        self.go_on()
        return json_answer(agent_rows(self.centre))

    def refuse_socket(self, request: Request) -> Answer | None:
        """Refuse a handshake on another path or without a good token, and those that are to be refused."""
        if not request.path.endswith(SOCKET_PATH):
            return json_answer({"error": f"{request.path} is no socket."}, 404)
        if self.refusals["times"] > 0:
            self.refusals["times"] -= 1
            return json_answer({"error": "Отказано по заказу проверки."}, self.refusals["status"])
        return None if self._is_known(request) else _unauthorised()

    async def converse(self, socket: Socket) -> None:
        """Feed the socket until its client leaves or its token ends."""
        self.ledger.add("socket", "", socket.request)
        token = bearer_of(socket.request.header("Authorization"))
        feed = Feed(socket, is_signed_in=lambda: self.tokens.is_good(token), heartbeat_s=self.heartbeat_s)
        self.feeds.add(feed)
        try:
            await feed.run()
        finally:
            self.feeds.discard(feed)

    def tell(self, messages: Sequence[Message]) -> None:
        frames = [json.dumps({"type": "agent-status", **message}, ensure_ascii=False) for message in messages]
        self.told += len(frames)
        for feed in self.feeds:
            feed.add(frames)

    def control(self, request: Request) -> Answer | None:
        match request.method, request.path:
            case "POST", "/_socket":
                return json_answer(self._steer(request.json()))
            case "POST", "/_handshakes":
                self.refusals = self.refusals | _read_refusals(request.json())
                return json_answer(self.refusals)
            case "GET", "/_truth":
                self.go_on()
                return json_answer(self._truth())
        return super().control(request)

    def _steer(self, wanted: Any) -> dict[str, Any]:
        """Do to the open sockets what is asked: `{"do": …, "code": …}`."""
        if not isinstance(wanted, dict) or wanted.get("do") not in ACTIONS:
            raise BadRequestError(f"do: one of {', '.join(ACTIONS)}.")
        feeds = tuple(self.feeds)
        for feed in feeds:
            match wanted["do"]:
                case "close":
                    feed.close_code = int(wanted.get("code", 1011))
                case "cut":
                    feed.socket.cut()
                case "silence":
                    feed.silence()
                case "speak":
                    feed.speak()
        if wanted["do"] == "expire":
            self.tokens.end_all()
        return {"sockets": len(feeds)}

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "tokens": self.tokens.good,
            "feeds": len(self.feeds),
            "silent": sum(feed.is_silent for feed in self.feeds),
            "refusals": self.refusals,
            "told": self.told,
        }

    def reset(self) -> None:
        super().reset()
        self.told = 0
        self.refusals = {"status": 401, "times": 0}
        for feed in self.feeds:
            feed.speak()

    def _is_known(self, request: Request) -> bool:
        return self.tokens.is_good(bearer_of(request.header("Authorization")))

    def _truth(self) -> list[dict[str, Any]]:
        """Give all states of everybody, by agent and time."""
        states, names = self.centre.simulation.presence.state_table(), self.centre.simulation.presence.states
        rows = []
        for row in np.lexsort((states.start_s, states.agent)):
            status, end_s = status_of(names[states.state[row]]), float(states.end_s[row])
            rows.append(
                {
                    "workerId": self.centre.simulation.plans[states.agent[row]].key,
                    "stateCode": status.code,
                    "stateName": status.name,
                    "start_s": float(states.start_s[row]),
                    "end_s": end_s if np.isfinite(end_s) else None,
                }
            )
        return rows


def _read_refusals(wanted: object) -> dict[str, int]:
    if not isinstance(wanted, dict) or not wanted.keys() <= {"status", "times"}:
        raise BadRequestError("Refusals are a status and how many times.")
    if not all(isinstance(number, int) for number in wanted.values()):
        raise BadRequestError("Refusals are whole numbers.")
    return wanted


def _unauthorised() -> Answer:
    return json_answer({"error": "unauthorised"}, 401, WWW_Authenticate="Bearer")
