"""The centre's services, groups and agents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apps.integrations.wire.centre.rows import LONGEST_NAME, Told, identity
from apps.integrations.wire.onec.fields import Row

if TYPE_CHECKING:
    from apps.monitoring.types import Problem

INACTIVE = "INACTIVE"


@dataclass(frozen=True)
class GroupThere:
    id: str
    name: str
    service_id: str
    service_name: str
    channel: str  # CHATS, MAILS, INCOMING_CALLS, OUTGOING_CALLS or empty
    is_active: bool


@dataclass(frozen=True)
class AgentThere:
    """An agent; a system with a single name has it in `name`."""

    id: str
    name: str
    number: str
    login: str
    groups: tuple[str, ...]


@dataclass
class Personnel:
    groups: list[GroupThere] = field(default_factory=list)
    agents: list[AgentThere] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_personnel(data: Any) -> Personnel:
    """Read personnel; a system without services has one that stands for all."""
    top = Row(data if isinstance(data, dict) else {})
    groups: Told[GroupThere] = Told()
    for service in groups.objects(top.raw("services"), "services", "services"):
        for row in groups.objects(
            service.raw("serviceGroups"), "serviceGroups", str(service.raw("id"))[:LONGEST_NAME]
        ):
            groups.take(
                str(row.raw("id"))[:LONGEST_NAME],
                lambda row=row, service=service: _group(row, service),  # type: ignore[misc]
            )
    agents: Told[AgentThere] = Told()
    for row in agents.objects(top.raw("agents"), "agents", "agents"):
        agents.take(str(row.raw("id"))[:LONGEST_NAME], lambda row=row: _agent(row))  # type: ignore[misc]
    return Personnel(groups.rows, agents.rows, [*groups.problems, *agents.problems])


def _group(row: Row, service: Row) -> GroupThere:
    is_active = INACTIVE not in (row.text("status").upper(), service.text("status").upper())
    return GroupThere(
        id=identity(row, "id"),
        name=row.text("name")[:LONGEST_NAME],
        service_id=identity(service, "id"),
        service_name=service.text("name")[:LONGEST_NAME],
        channel=row.text("channelType", most=30).upper(),
        is_active=is_active,
    )


def _agent(row: Row) -> AgentThere:
    names = (row.text("surname"), row.text("name"), row.text("secondName"))
    groups: Told[str] = Told()
    for group in groups.objects(row.raw("agentGroups"), "agentGroups", "agentGroups"):
        groups.take("agentGroups", lambda group=group: identity(group, "groupId"))  # type: ignore[misc]
    return AgentThere(
        id=identity(row, "id"),
        name=" ".join(part for part in names if part)[:LONGEST_NAME],
        number=row.text("agentNumber", most=60),
        login=row.text("loginSSO", most=LONGEST_NAME),
        groups=tuple(groups.rows),
    )
