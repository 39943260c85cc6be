from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from apps.algorithms.intervals import DAY_S
from apps.algorithms.simulation.errors import SimulationError

if TYPE_CHECKING:
    from apps.algorithms.intervals import FloatArray

WORK = "work"
"""The duty in which an agent takes contacts; every other duty is a state of its own name."""
READY, TALK, WRAP_UP = "ready", "talk", "wrap_up"
OPEN = math.inf
"""The end of a state or login that goes on."""


class Channel(Enum):
    CALLS = "calls"
    CHATS = "chats"
    MAILS = "mails"


@dataclass(frozen=True)
class Arrivals:
    """Contacts expected in each interval of `step_s` seconds from `start_s`; Poisson, even inside each.

    Raises
    ------
    SimulationError
        A step that does not divide a day, a start off its grid, a negative or unknown number.

    """

    start_s: int
    step_s: int
    expected: FloatArray

    def __post_init__(self) -> None:
        if self.step_s <= 0 or DAY_S % self.step_s:
            raise SimulationError(f"step_s: {self.step_s} does not divide a day")
        if self.start_s % self.step_s:
            raise SimulationError(f"start_s: {self.start_s} is not on the grid of {self.step_s} s")
        for row, value in enumerate(self.expected):
            if not math.isfinite(value) or value < 0:
                raise SimulationError(f"expected: {value} in interval {row}")


@dataclass(frozen=True)
class Patience:
    """How long people wait: exponential with this mean, or lognormal where `spread` (sigma) is given."""

    mean_s: float = math.inf
    spread: float = 0.0


@dataclass(frozen=True)
class Handling:
    """What a contact takes of an agent, seconds: talk and wrap-up random with these means, the rest fixed.

    `spread` 0 makes them exponential, more makes them lognormal with that sigma. A share `hold_share` is put
    on hold for `hold_s`. `ring_s + talk + hold` is handling, `wrap_up + relax_s` comes after it.
    """

    talk_s: float
    wrap_up_s: float = 0.0
    ring_s: float = 0.0
    hold_share: float = 0.0
    hold_s: float = 0.0
    relax_s: float = 0.0
    spread: float = 0.0

    def __post_init__(self) -> None:
        if self.talk_s <= 0:
            raise SimulationError(f"talk_s: {self.talk_s} is not above 0")


@dataclass(frozen=True)
class GroupPlan:
    """A queue of contacts.

    `concurrency` is how many of them one agent has at once (chats), `customers` how many people they come
    from, `transfers` the groups that contacts go on to with `transfer_share`, `bot_share` what a bot closes
    before any agent.
    """

    key: str
    channel: Channel
    arrivals: Arrivals
    handling: Handling
    patience: Patience = field(default_factory=Patience)
    concurrency: int = 1
    customers: int = 100_000
    transfer_share: float = 0.0
    transfers: tuple[int, ...] = ()
    bot_share: float = 0.0

    def __post_init__(self) -> None:
        if self.concurrency < 1 or (self.concurrency > 1 and self.channel is not Channel.CHATS):
            raise SimulationError(f"concurrency: {self.concurrency} of {self.key}")


@dataclass(frozen=True)
class Duty:
    """A planned part of a shift: `kind` is `WORK` or the name of the state the agent is in."""

    start_s: float
    end_s: float
    kind: str


@dataclass(frozen=True)
class AgentPlan:
    """An agent: groups by their place in the list of groups, duties in order of time.

    Raises
    ------
    SimulationError
        A duty that ends before it starts or starts before the one before it ends.

    """

    key: str
    groups: tuple[int, ...]
    duties: tuple[Duty, ...]

    def __post_init__(self) -> None:
        free_from = -math.inf
        for row, duty in enumerate(self.duties):
            if duty.start_s < free_from or duty.end_s <= duty.start_s:
                raise SimulationError(f"duties: number {row} of agent {self.key} overlaps or is empty")
            free_from = duty.end_s


@dataclass(frozen=True)
class Deviations:
    """How people keep a schedule: shares of shifts (breaks) and mean seconds, exponential."""

    absent_share: float = 0.0
    late_share: float = 0.0
    late_s: float = 240.0
    early_share: float = 0.0
    early_s: float = 240.0
    long_break_share: float = 0.0
    long_break_s: float = 180.0


@dataclass(frozen=True)
class StateChange:
    """An agent left a state or entered one; `agent` is its place in the list of agents."""

    at_s: float
    agent: int
    state: str
    is_entered: bool
