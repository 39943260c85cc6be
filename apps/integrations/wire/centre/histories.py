"""Answers about the past: contacts of groups by interval, and what agents did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.core.phrases import Phrase
from apps.integrations.wire.centre.rows import (
    LONGEST_NAME,
    Told,
    count,
    count_or_nothing,
    id_or_nothing,
    identity,
    instant,
    ms,
    needed_instant,
)
from apps.integrations.wire.onec.fields import NOT_GIVEN, FieldError, Row
from apps.monitoring.types import AgentContact, AgentLogin, ChatWork, GroupInterval, StateSpan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOP = "answer"


def read_group_intervals(data: Any) -> Told[GroupInterval]:
    """Read serviceGroupData."""
    told: Told[GroupInterval] = Told()
    for group, values in _members(told, data, "groupId", "historicData"):
        for row in told.objects(values.raw("historicData"), "historicData", group):
            told.take(
                f"{group} {row.raw('startInterval')}"[:LONGEST_NAME],
                lambda row=row, group=group, values=values: _interval(row, group, values),  # type: ignore[misc]
            )
    return told


def _interval(row: Row, group: str, values: Row) -> GroupInterval:
    return GroupInterval(
        group=group,
        service=id_or_nothing(values, "serviceId"),
        start=needed_instant(row, "startInterval"),
        end=needed_instant(row, "endInterval"),
        received=count(row, "notUniqueReceived"),
        treated=count(row, "notUniqueTreated"),
        missed=count(row, "notUniqueMissed"),
        aht_ms=ms(row, "aht") or 0,
        wrap_ms=ms(row, "postProcessing") or 0,
        unique_received=count_or_nothing(row, "receivedCalls"),
        unique_treated=count_or_nothing(row, "treatedCalls"),
        unique_missed=count_or_nothing(row, "missCalls"),
    )


def read_states(data: Any) -> Told[StateSpan]:
    """Read agentStatusData; a status without group, or repeated for all groups, comes out once."""
    told: Told[StateSpan] = Told()
    for agent, values in _members(told, data, "agentId", "states"):
        for row in told.objects(values.raw("states"), "states", agent):
            told.take(
                agent,
                lambda row=row, agent=agent: StateSpan(  # type: ignore[misc]
                    agent,
                    identity(row, "stateCode"),
                    row.text("stateName")[:LONGEST_NAME],
                    needed_instant(row, "startDate"),
                    instant(row, "endDate"),
                ),
            )
    told.rows = list(dict.fromkeys(told.rows))
    return told


def read_logins(data: Any) -> Told[AgentLogin]:
    """Read agentLoginData; the duration says nothing that the two instants do not."""
    told: Told[AgentLogin] = Told()
    for agent, values in _members(told, data, "agentId", "logins"):
        for row in told.objects(values.raw("logins"), "logins", agent):
            told.take(
                agent,
                lambda row=row, agent=agent: AgentLogin(  # type: ignore[misc]
                    agent, needed_instant(row, "loginDate"), instant(row, "logoutDate")
                ),
            )
    return told


def read_contacts(data: Any) -> Told[AgentContact]:
    """Read agentCallsData; parallel chats overlap."""
    told: Told[AgentContact] = Told()
    for agent, values in _members(told, data, "agentId", "agentCalls"):
        for row in told.objects(values.raw("agentCalls"), "agentCalls", agent):
            told.take(
                agent,
                lambda row=row, agent=agent, values=values: AgentContact(  # type: ignore[misc]
                    agent,
                    identity(values, "groupId"),
                    id_or_nothing(values, "serviceId"),
                    needed_instant(row, "startCall"),
                    needed_instant(row, "endCall"),
                ),
            )
    return told


def read_chat_work(data: Any) -> Told[ChatWork]:
    """Read agentChatsWorkTime."""
    told: Told[ChatWork] = Told()
    for row in told.objects(data, _TOP, _TOP):
        told.take(str(row.raw("agentId"))[:LONGEST_NAME], lambda row=row: _chat_work(row))  # type: ignore[misc]
    return told


def _chat_work(row: Row) -> ChatWork:
    day = row.day("workDate", required=True)
    worked_ms = ms(row, "workTime")
    if day is None or worked_ms is None:
        raise FieldError("workTime" if day else "workDate", Phrase(NOT_GIVEN))
    return ChatWork(identity(row, "agentId"), day, worked_ms)


def _members(told: Told[Any], data: Any, id_name: str, list_name: str) -> Iterator[tuple[str, Row]]:
    """Go through the groups or agents of an answer; one without id is a problem of its own."""
    for index, row in enumerate(told.objects(data, _TOP, _TOP)):
        named: Told[str] = Told()
        named.take(f"{list_name} {index + 1}", _reader(row, id_name))
        told.problems += named.problems
        for name in named.rows:
            yield name, row


def _reader(row: Row, name: str) -> Callable[[], str]:
    return lambda: identity(row, name)
