"""The event loop: contacts in order of arrival against what agents are free.

A contact goes to the agent who has been free longest, an agent takes the contact that has waited longest of
all groups they serve. Who hangs up is struck off when the queue is next looked at, as of the moment at which
they hung up. An agent whose duty changes ends the contacts at hand first.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.algorithms.intervals import DAY_S
from apps.algorithms.simulation.agents import Agent, Presence
from apps.algorithms.simulation.drawing import Contact, draw_contact, draw_day
from apps.algorithms.simulation.duties import duty_changes, follow_schedule
from apps.algorithms.simulation.errors import SimulationError
from apps.algorithms.simulation.records import NOBODY, ContactTable, Outcome, Table
from apps.algorithms.simulation.types import READY, TALK, WORK, WRAP_UP, Deviations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.simulation.types import AgentPlan, GroupPlan

DUTY_CHANGES, TALK_ENDS, WRAP_UP_ENDS = range(3)
NOT_ANSWERED = (math.nan, 0.0, 0.0, 0.0, 0.0, 0.0)


class CentreSimulation:
    """A contact centre from `start_s` on.

    Parameters
    ----------
    groups, agents
        Plans; an agent's groups are places in `groups`.
    start_s
        First moment, a whole second; what was planned earlier is left out.
    seed
        Everything random follows from it.
    deviations
        How agents keep their duties; by default to the second.

    Raises
    ------
    SimulationError
        An agent or a transfer names a group that is not there.

    """

    def __init__(
        self,
        groups: Sequence[GroupPlan],
        agents: Sequence[AgentPlan],
        *,
        start_s: int,
        seed: int = 0,
        deviations: Deviations | None = None,
    ) -> None:
        _check_groups(groups, agents)
        self.groups, self.plans = tuple(groups), tuple(agents)
        self.start_s, self.now_s, self.seed = start_s, float(start_s), seed
        self.agents = tuple(Agent(number, plan.groups) for number, plan in enumerate(agents))
        self.presence = Presence(self.agents)
        self._contacts = Table(ContactTable.WIDTH)
        self._waiting: list[deque[Contact]] = [deque() for _ in groups]
        self._free: list[deque[tuple[int, Agent]]] = [deque() for _ in groups]
        self._numbers = count()
        self._events: list[tuple[float, int, int, Agent, Any]] = []
        self._transfers = np.random.default_rng([seed, len(groups)])
        duties = [
            follow_schedule(plan.duties, deviations or Deviations(), seed=seed, agent=number)
            for number, plan in enumerate(agents)
        ]
        self._duties = deque(duty_changes(duties, start_s))
        self._day = start_s // DAY_S
        self._arrivals: deque[Contact] = deque()
        self._begin_day()

    def advance(self, until_s: float) -> None:
        """Let everything happen that happens up to and including `until_s`."""
        while True:
            event_s = self._events[0][0] if self._events else math.inf
            arrival_s = self._arrivals[0].arrives_s if self._arrivals else math.inf
            next_s = min(event_s, arrival_s)
            if self._day_ends_s <= min(next_s, until_s):
                self._day += 1
                self._begin_day()
            elif next_s > until_s:
                break
            elif arrival_s < event_s:
                self._arrive(self._arrivals.popleft())
            else:
                self._happen()
        self.now_s = max(self.now_s, until_s)
        for group in range(len(self.groups)):
            self._strike_off(group, until_s)

    def contacts(self) -> ContactTable:
        """Give the contacts that have ended, in order of their end."""
        return ContactTable.of(self._contacts.rows())

    def waiting(self) -> list[list[Contact]]:
        """Give, group by group, who waits now."""
        return [list(waiting) for waiting in self._waiting]

    def in_talk(self) -> list[tuple[Contact, Agent, float]]:
        """Give the contacts that are handled now: contact, agent, when it was answered."""
        return [
            (subject[0], agent, subject[1])
            for _, _, kind, agent, subject in self._events
            if kind == TALK_ENDS
        ]

    @property
    def _day_ends_s(self) -> float:
        return (self._day + 1) * DAY_S

    def _begin_day(self) -> None:
        self._contacts.rows()  # many loose rows take more memory than an array
        self.presence.settle()
        drawn = draw_day(self.groups, self._day, self.seed)
        self._arrivals.extend(contact for contact in drawn if contact.arrives_s >= self.start_s)
        while self._duties and self._duties[0][0] < self._day_ends_s:
            at_s, agent, duty = self._duties.popleft()
            self._plan(at_s, DUTY_CHANGES, self.agents[agent], duty)

    def _plan(self, at_s: float, kind: int, agent: Agent, subject: object) -> None:
        heapq.heappush(self._events, (at_s, next(self._numbers), kind, agent, subject))

    def _happen(self) -> None:
        at_s, _, kind, agent, subject = heapq.heappop(self._events)
        if kind == DUTY_CHANGES:
            agent.wanted, agent.is_called_away = subject, True
        elif kind == TALK_ENDS:
            self._end_talk(agent, subject[0], subject[1], at_s)
        else:
            agent.wrapping -= 1
        self._go_on(agent, at_s)

    def _arrive(self, contact: Contact) -> None:
        if contact.is_closed_by_bot:
            self._record(contact, NOBODY, contact.arrives_s, NOT_ANSWERED, Outcome.CLOSED_BY_BOT)
            return
        free = self._free[contact.group]
        while free:
            ticket, agent = free.popleft()
            if ticket == agent.ticket:
                self._answer(agent, contact, contact.arrives_s)
                self._go_on(agent, contact.arrives_s)
                return
        self._waiting[contact.group].append(contact)

    def _answer(self, agent: Agent, contact: Contact, at_s: float) -> None:
        agent.talking += 1
        agent.group = contact.group
        taken_s = self.groups[contact.group].handling.ring_s + contact.talk_s + contact.hold_s
        self._plan(at_s + taken_s, TALK_ENDS, agent, (contact, at_s))

    def _end_talk(self, agent: Agent, contact: Contact, answered_s: float, at_s: float) -> None:
        agent.talking -= 1
        group = self.groups[contact.group]
        ring_s, relax_s = group.handling.ring_s, group.handling.relax_s
        times = (answered_s, ring_s, contact.talk_s, contact.hold_s, contact.wrap_up_s, relax_s)
        self._record(contact, agent.number, at_s, times, Outcome.TREATED)
        if contact.wrap_up_s + relax_s > 0:
            agent.wrapping += 1
            self._plan(at_s + contact.wrap_up_s + relax_s, WRAP_UP_ENDS, agent, None)
        if contact.is_transferred:
            target = group.transfers[int(self._transfers.integers(len(group.transfers)))]
            self._arrive(draw_contact(self.groups, target, contact.customer, at_s, self._transfers))

    def _go_on(self, agent: Agent, at_s: float) -> None:
        """Let the agent follow a changed duty or take what waits, and stand in the right state."""
        agent.ticket = next(self._numbers)
        if agent.is_called_away and not agent.contacts:
            agent.duty, agent.is_called_away = agent.wanted, False
        if agent.duty is None:
            self.presence.leave(agent, at_s)
            return
        open_groups = self._open_groups(agent)
        while open_groups and (contact := self._longest_waiting(open_groups, at_s)):
            self._answer(agent, contact, at_s)
            open_groups = self._open_groups(agent)
        for group in open_groups:
            self._free[group].append((agent.ticket, agent))
        self.presence.enter(agent, _state_of(agent), at_s)

    def _open_groups(self, agent: Agent) -> tuple[int, ...]:
        """Give the groups from which the agent can take one more contact."""
        if not agent.takes_contacts:
            return ()
        contacts = agent.contacts
        if not contacts:
            return agent.groups
        if self.groups[agent.group].concurrency == 1:
            return ()
        return tuple(group for group in agent.groups if contacts < self.groups[group].concurrency)

    def _longest_waiting(self, groups: Sequence[int], at_s: float) -> Contact | None:
        """Take the contact that has waited longest in `groups` out of its queue."""
        best: deque[Contact] | None = None
        for group in groups:
            waiting = self._waiting[group]
            while waiting and waiting[0].arrives_s + waiting[0].patience_s <= at_s:
                self._give_up(waiting.popleft())
            if waiting and (best is None or waiting[0].arrives_s < best[0].arrives_s):
                best = waiting
        return best.popleft() if best else None

    def _strike_off(self, group: int, at_s: float) -> None:
        """Strike off everybody who has hung up by `at_s`."""
        staying: deque[Contact] = deque()
        for contact in self._waiting[group]:
            if contact.arrives_s + contact.patience_s <= at_s:
                self._give_up(contact)
            else:
                staying.append(contact)
        self._waiting[group] = staying

    def _give_up(self, contact: Contact) -> None:
        self._record(contact, NOBODY, contact.arrives_s + contact.patience_s, NOT_ANSWERED, Outcome.MISSED)

    def _record(
        self, contact: Contact, agent: int, ended_s: float, times: tuple[float, ...], outcome: Outcome
    ) -> None:
        whose = (contact.group, agent, contact.customer)
        self._contacts.append((*whose, contact.arrives_s, ended_s, *times, outcome))


def _state_of(agent: Agent) -> str:
    if agent.talking:
        return TALK
    if agent.wrapping:
        return WRAP_UP
    return READY if agent.duty == WORK else str(agent.duty)


def _check_groups(groups: Sequence[GroupPlan], agents: Sequence[AgentPlan]) -> None:
    named = [("agent", plan.key, plan.groups) for plan in agents]
    named += [("group", plan.key, plan.transfers) for plan in groups]
    for subject, key, places in named:
        for place in places:
            if not 0 <= place < len(groups):
                raise SimulationError(f"groups: {subject} {key} names number {place} of {len(groups)}")
