"""Tells another system of each change of state, and does not ask what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import httpx

from apps.integrations.simulators.contact_centre.centre import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.algorithms.simulation import StateChange
    from apps.integrations.simulators.contact_centre.centre import Centre
    from apps.integrations.simulators.contact_centre.disturbing import Message

STATUS_PATH = "/ccwfm/api/rest/status"
TIMEOUT_S = 5.0
KEPT = 20_000
ENTERED, LEFT = 1, 0


def status_messages(centre: Centre, changes: Iterable[StateChange], system_id: str) -> list[Message]:
    """Give a message for each change: of one moment the leaving of a state comes before the entering."""
    messages = []
    for change in changes:
        status = status_of(change.state)
        messages.append(
            {
                "workerId": centre.simulation.plans[change.agent].key,
                "stateName": status.name,
                "stateCode": status.code,
                "systemId": system_id,
                "actionTime": int(change.at_s),
                "action": ENTERED if change.is_entered else LEFT,
            }
        )
    return messages


class Pusher:
    """Sends messages to the status door of `address` one after another; a refused one is not repeated."""

    def __init__(self, address: str, *, user: str = "", password: str = "") -> None:
        self.address = address.rstrip("/")
        self.sent: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()
        self._under_way = 0
        self._credential = (user, password) if user else None

    def add(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._waiting.put_nowait(message)

    @property
    def waiting(self) -> int:
        """How many are not told yet, the one under way included."""
        return self._waiting.qsize() + self._under_way

    async def run(self) -> None:
        """Send until cancelled."""
        async with httpx.AsyncClient(auth=self._credential, timeout=TIMEOUT_S, trust_env=False) as client:
            while True:
                message = await self._waiting.get()
                self._under_way = 1
                outcome = await self._send(client, message)
                self.counts[outcome] += 1
                self.sent.append(message | {"outcome": outcome})
                self._under_way = 0

    async def _send(self, client: httpx.AsyncClient, message: Message) -> str:
        try:
            answer = await client.post(f"{self.address}{STATUS_PATH}", json=message)
        except httpx.HTTPError as error:
            return type(error).__name__
        return str(answer.status_code)
