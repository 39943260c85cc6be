"""What contact centres tell, as every transport hands it to the intake. Instants are aware; ids are text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from apps.core.phrases import Phrase


@dataclass(frozen=True, slots=True)
class StateChange:
    """An agent entered or left a status at `at`, by the centre's clock; `payload` is the message itself."""

    agent: str
    code: str
    name: str
    at: dt.datetime
    entered: bool
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StateSpan:
    """An agent was in a status from `start` to `end`, None while it lasts."""

    agent: str
    code: str
    name: str
    start: dt.datetime
    end: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PresentState:
    """An agent of an online list, in a status since `since`."""

    agent: str
    code: str
    name: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """A group just now; counters are since the start of the day, times in milliseconds."""

    group: str
    service: str
    waiting: int
    operators: int
    received: int | None = None
    answered: int | None = None
    answered_in_target: int | None = None
    in_progress: int | None = None
    aht_ms: int | None = None
    wait_ms: int | None = None
    acd_percent: float | None = None


@dataclass(frozen=True, slots=True)
class AgentLogin:
    agent: str
    start: dt.datetime
    end: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AgentContact:
    agent: str
    group: str
    service: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class ChatWork:
    """Time in chats on one day of the centre: a union, clipped to the day."""

    agent: str
    day: dt.date
    worked_ms: int


@dataclass(frozen=True, slots=True)
class GroupInterval:
    """Contacts of a group by the interval in which they began.

    `aht_ms` and `wrap_ms` are means over `treated`; the unique counts leave out a customer's later contacts
    of the day, and are None where the centre does not tell them.
    """

    group: str
    service: str
    start: dt.datetime
    end: dt.datetime
    received: int
    treated: int
    missed: int
    aht_ms: int
    wrap_ms: int
    unique_received: int | None = None
    unique_treated: int | None = None
    unique_missed: int | None = None


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """An agent as a source's directory has them."""

    id: str
    name: str
    number: str = ""
    login: str = ""


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group as a source's directory has it; `channel` in the source's own word."""

    id: str
    name: str
    service: str = ""
    service_name: str = ""
    channel: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was not taken: whose, which field, why."""

    subject: str
    field: str
    reason: Phrase


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivery: rows that were new or changed, rows that were there, rows refused."""

    appended: int = 0
    repeated: int = 0
    refused: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """Who changed with a delivery that has been committed: ids of agent and queue links."""

    source: str
    agents: tuple[int, ...] = ()
    queues: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedAge:
    """How long ago a source was heard of by one transport; the state and the clock as last known."""

    source: str
    transport: str
    state: str
    state_since: dt.datetime | None
    heard_at: dt.datetime | None
    age_s: float | None
    is_stale: bool
    clock_offset_s: float
