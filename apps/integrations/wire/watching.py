"""What is told of every outgoing call to those who keep it: nothing here knows where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from uuid import UUID

    from apps.core.phrases import Phrase

    Watcher = Callable[["CallMade"], None]

SHOWN_BYTES = 4096


@dataclass(frozen=True)
class CallMade:
    """One call that was made, or tried: sizes are of the bodies, `request` and `answer` their beginnings.

    `failure` is a `FailureClass`, empty when the answer was taken; `path` is without its query.
    """

    connection_id: int
    endpoint: str
    method: str
    path: str
    session_id: UUID
    request_id: UUID
    began_at: dt.datetime
    duration_s: float
    status: int | None
    failure: str
    reason: Phrase
    request_bytes: int
    answer_bytes: int
    request: bytes
    answer: bytes


_watchers: list[Watcher] = []


def watch_calls(watcher: Watcher) -> Watcher:
    """Register a function that is told of every call, in the thread that made it; it must not raise."""
    if watcher not in _watchers:
        _watchers.append(watcher)
    return watcher


def tell(made: CallMade) -> None:
    for watcher in _watchers:
        watcher(made)
