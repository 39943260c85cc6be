"""The REST face of a contact centre, and its pushing of statuses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.contact_centre import history, live
from apps.integrations.simulators.contact_centre.pushing import Pusher
from apps.integrations.simulators.contact_centre.running import CentreSimulator
from apps.integrations.simulators.contact_centre.windows import (
    RefusalError,
    no_data,
    read_ids,
    read_step_s,
    read_window,
)
from apps.integrations.simulators.serving.messages import BadRequestError, json_answer

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from apps.integrations.simulators.contact_centre.centre import Centre
    from apps.integrations.simulators.contact_centre.disturbing import Message
    from apps.integrations.simulators.serving.ledger import Ledger
    from apps.integrations.simulators.serving.messages import Answer, Request

    Reader = Callable[[Request], list[dict[str, Any]]]


class ContactCentre(CentreSimulator):
    """Plays a contact centre: personnel, history, online states, statuses pushed as they change."""

    name = "contact-centre"

    def __init__(
        self, *, seed: int = 1, ledger: Ledger | None = None, options: Namespace | None = None
    ) -> None:
        super().__init__(seed=seed, ledger=ledger, options=options)
        self.answered_within_s = getattr(options, "answered_within_s", 20)
        self.repeats = not getattr(options, "states_without_group", False)
        self.pusher = self._make_pusher()
        self.routes.add("GET", "/personnel", self.personnel)
        for path, field, reader in (
            ("/historic/serviceGroupData", "groupId", self._group_data),
            ("/historic/agentStatusData", "agentId", self._statuses),
            ("/historic/agentLoginData", "agentId", self._logins),
            ("/historic/agentCallsData", "agentId", self._calls),
            ("/historic/agentChatsWorkTime", "agentId", self._chats),
            ("/online/agentStatus", "", self._online_agents),
            ("/online/groupsOnlineLoad", "groupId", self._online_load),
        ):
            self.routes.add("GET", path, _answering(field, reader))

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--push-to", default="", help="Address of the system that is told of changes.")
        parser.add_argument("--push-user", default="", help="User name, if that system wants Basic.")
        parser.add_argument("--push-password", default="")
        parser.add_argument("--answered-within-s", type=int, default=20, help="What callAnsweredTst counts.")
        parser.add_argument(
            "--states-without-group", action="store_true", help="Sends states of no group once, without one."
        )

    def personnel(self, _request: Request) -> Answer:
        """Give services with their groups, and everybody who is in a group."""
        services: dict[str, dict[str, Any]] = {}
        for group in self.plan.groups:
            service = services.setdefault(
                group.service_id,
                {"id": group.service_id, "name": group.service_name, "status": "ACTIVE", "serviceGroups": []},
            )
            status = "ACTIVE" if group.is_active else "INACTIVE"
            of_group = {"id": group.plan.key, "name": group.name, "status": status}
            service["serviceGroups"].append(of_group | {"channelType": group.channel})
        agents = [
            {
                "id": person.key,
                "name": person.name,
                "surname": person.surname,
                "secondName": person.second_name,
                "agentNumber": person.number,
                "agentGroups": [{"groupId": key} for key in person.groups],
                "loginSSO": person.login,
            }
            for person in self.plan.people
            if person.groups
        ]
        return json_answer({"services": list(services.values()), "agents": agents})

    async def background(self) -> None:
        """Go on by the clock, and push meanwhile."""
        await asyncio.gather(super().background(), self._push())

    def tell(self, messages: Sequence[Message]) -> None:
        if self.pusher.address:
            self.pusher.add(messages)

    def control(self, request: Request) -> Answer | None:
        match request.method, request.path:
            case "GET", "/_pushes":
                return json_answer(list(self.pusher.sent))
            case "POST", "/_pushes":  # as they are, whoever they are about
                wanted = request.json()
                self.pusher.add(wanted if isinstance(wanted, list) else [wanted])
                return json_answer({"waiting": self.pusher.waiting}, 202)
            case "POST", "/_push_to":
                wanted = request.json()
                if not isinstance(wanted, dict) or not isinstance(wanted.get("address"), str):
                    raise BadRequestError("An address is wanted; empty for none.")
                self.pusher.address = wanted["address"].rstrip("/")
                return json_answer({"address": self.pusher.address})
        return super().control(request)

    def state(self) -> dict[str, Any]:
        pushes = {"to": self.pusher.address, "waiting": self.pusher.waiting, "counts": self.pusher.counts}
        return super().state() | {"pushes": pushes}

    def reset(self) -> None:
        super().reset()
        self.pusher.sent.clear()
        self.pusher.counts.clear()

    def _make_pusher(self) -> Pusher:
        user, password = getattr(self.options, "push_user", ""), getattr(self.options, "push_password", "")
        return Pusher(getattr(self.options, "push_to", ""), user=user, password=password)

    async def _push(self) -> None:
        await self.pusher.run()

    def _group_data(self, request: Request) -> list[dict[str, Any]]:
        step_s = read_step_s(request)
        return history.group_rows(self._caught_up, read_window(request), step_s, read_ids(request, "groupId"))

    def _statuses(self, request: Request) -> list[dict[str, Any]]:
        window, ids = read_window(request), read_ids(request, "agentId")
        return history.status_rows(self._caught_up, window, ids, repeated=self.repeats)

    def _logins(self, request: Request) -> list[dict[str, Any]]:
        return history.login_rows(self._caught_up, read_window(request), read_ids(request, "agentId"))

    def _calls(self, request: Request) -> list[dict[str, Any]]:
        return history.call_rows(self._caught_up, read_window(request), read_ids(request, "agentId"))

    def _chats(self, request: Request) -> list[dict[str, Any]]:
        return history.chat_rows(self._caught_up, read_window(request), read_ids(request, "agentId"))

    def _online_agents(self, _request: Request) -> list[dict[str, Any]]:
        return live.agent_rows(self._caught_up)

    def _online_load(self, request: Request) -> list[dict[str, Any]]:
        return live.load_rows(self._caught_up, read_ids(request, "groupId"), self.answered_within_s)

    @property
    def _caught_up(self) -> Centre:
        self.go_on()
        return self.centre


def _answering(field: str, reader: Reader) -> Callable[[Request], Answer]:
    """Answer with what the reader finds, 404 for nothing, and refusals in the contract's form."""

    def answer(request: Request) -> Answer:
        try:
            rows = reader(request)
            if not rows:
                raise no_data(field)
        except RefusalError as refusal:
            return refusal.answer()
        return json_answer(rows)

    return answer
