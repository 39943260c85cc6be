"""What handlers, adapters and the wire hand to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from uuid import UUID


@dataclass(frozen=True)
class Access:
    """How one system is reached; secrets are plain text here and stay out of `repr`."""

    connection_id: int
    code: str
    system: str
    dialect: str
    base_url: str
    time_zone: str
    authentication: str
    username: str
    secrets: Mapping[str, str] = field(repr=False)
    timeout_s: float
    max_answer_bytes: int
    max_parallel: int
    options: Mapping[str, Any]


@dataclass(frozen=True)
class NewOperation:
    """An operation to be written: `payload` is JSON; of one `key` only one operation waits at a time."""

    connection_id: int
    kind: str
    payload: Mapping[str, Any]
    priority: int = 3
    key: str = ""
    run_at: dt.datetime | None = None


@dataclass(frozen=True)
class OperationInHand:
    """What a handler is given: one attempt of an operation. It runs outside any transaction."""

    operation_id: int
    kind: str
    connection_id: int
    payload: Mapping[str, Any]
    attempt: int
    session_id: UUID
    request_id: UUID
    run_id: int | None


@dataclass(frozen=True)
class Done:
    """How a handler ends well: `store` runs in the transaction that completes the operation."""

    result: Mapping[str, Any] = field(default_factory=dict)
    store: Callable[[], None] | None = None


@dataclass
class RunInHand:
    """What the function of a synchronisation is given; its counts and problems are shown with the run."""

    run_id: int
    connection_id: int
    purpose: str
    session_id: UUID
    actor_id: int | None
    options: Mapping[str, Any]
    progress: Callable[..., None]
    check_cancelled: Callable[[], None]
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)  # {"subject", "field", "reason"}


@dataclass(frozen=True)
class WorkedTime:
    """What somebody worked on the shift of a day: stretches between aware instants, none overlapping.

    No stretch is a fact, too: nothing was worked. `shift_date` is the day on which the shift begins on the
    clock of the person's site.
    """

    employee_id: int
    shift_date: dt.date
    periods: tuple[tuple[dt.datetime, dt.datetime], ...] = ()
