"""A shift of one person and the leaf activities that partition it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["Activity", "ActivityKind", "Shift"]


class ActivityKind(enum.StrEnum):
    WORK = "work"
    LUNCH = "lunch"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Activity:
    """Half-open span of slots ``[start, end)`` of one kind; lunch is unpaid, work and break are paid."""

    kind: ActivityKind
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Shift:
    """Presence ``[start, end)`` in slots, owned by the local day ``day`` on which it starts.

    ``paid`` is the paid length in slots: the presence without the unpaid lunch.
    """

    worker_id: int
    day: int
    start: int
    end: int
    paid: int
    activities: tuple[Activity, ...] = ()
