"""Agents as the event loop sees them, and the log of what state each was in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.algorithms.simulation.records import LoginTable, StateTable, Table
from apps.algorithms.simulation.types import OPEN, READY, TALK, WORK, WRAP_UP, StateChange

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_STATE = NO_GROUP = -1


class Agent:
    """Where an agent stands now; `ticket` tells a valid place among the free from an outdated one."""

    __slots__ = (
        "duty",
        "group",
        "groups",
        "is_called_away",
        "login_s",
        "number",
        "since_s",
        "state",
        "state_group",
        "talking",
        "ticket",
        "wanted",
        "wrapping",
    )

    def __init__(self, number: int, groups: tuple[int, ...]) -> None:
        self.number = number
        self.groups = groups
        self.duty: str | None = None
        self.wanted: str | None = None
        self.is_called_away = False
        self.group = 0
        self.talking = self.wrapping = self.ticket = 0
        self.state, self.state_group, self.since_s, self.login_s = NO_STATE, NO_GROUP, 0.0, 0.0

    @property
    def contacts(self) -> int:
        return self.talking + self.wrapping

    @property
    def takes_contacts(self) -> bool:
        return self.duty == WORK and not self.is_called_away


class Presence:
    """The log of states and sign-ins; while `is_heard`, changes are kept until they are taken."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        self.agents = tuple(agents)
        self.states: list[str] = [READY, TALK, WRAP_UP]
        self.is_heard = False
        self._codes = {name: code for code, name in enumerate(self.states)}
        self._past = Table(StateTable.WIDTH)
        self._logins = Table(LoginTable.WIDTH)
        self._changes: list[StateChange] = []

    def enter(self, agent: Agent, state: str, at_s: float) -> None:
        """Move the agent into `state`; who was away signs in with it.

        Talk and wrap-up are of the group of the contact; of several contacts at once, of the first one's.
        """
        group = agent.group if agent.contacts else NO_GROUP
        code = self._codes.get(state)
        if code is None:
            code = self._codes[state] = len(self.states)
            self.states.append(state)
        if agent.state == code and (agent.state_group == group or agent.contacts > 1):
            return
        if agent.state == NO_STATE:
            agent.login_s = at_s
        else:
            self._end_state(agent, at_s)
        agent.state, agent.state_group, agent.since_s = code, group, at_s
        if self.is_heard:
            self._changes.append(StateChange(at_s, agent.number, state, is_entered=True))

    def leave(self, agent: Agent, at_s: float) -> None:
        """Sign the agent out."""
        if agent.state == NO_STATE:
            return
        self._end_state(agent, at_s)
        self._logins.append((agent.number, agent.login_s, at_s))
        agent.state = NO_STATE

    def take_changes(self) -> list[StateChange]:
        """Give the changes since they were last taken, in order, the leaving before the entering."""
        taken, self._changes = self._changes, []
        return taken

    def settle(self) -> None:
        """Put the rows of the past into arrays."""
        self._past.rows()
        self._logins.rows()

    def state_table(self) -> StateTable:
        """Give all states so far; those that go on come last and have an open end."""
        present = [
            (agent.number, agent.state, agent.state_group, agent.since_s, OPEN)
            for agent in self.agents
            if agent.state != NO_STATE
        ]
        return StateTable.of(self._past.rows_and(present))

    def login_table(self) -> LoginTable:
        """Give all sign-ins so far; those that go on come last and have an open end."""
        present = [(agent.number, agent.login_s, OPEN) for agent in self.agents if agent.state != NO_STATE]
        return LoginTable.of(self._logins.rows_and(present))

    def _end_state(self, agent: Agent, at_s: float) -> None:
        if at_s > agent.since_s:
            self._past.append((agent.number, agent.state, agent.state_group, agent.since_s, at_s))
        if self.is_heard:
            self._changes.append(StateChange(at_s, agent.number, self.states[agent.state], is_entered=False))
