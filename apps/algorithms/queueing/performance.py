from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.algorithms.queueing.checks import FloatArray


class ServiceLevelDefinition(Enum):
    """Which share of calls "answered within the threshold" means when callers may hang up.

    Without abandonment (Erlang C) all four are the same number.
    """

    OFFERED = "offered"
    """Answered within the threshold / offered. The product's default: a hang-up is never a success."""
    ANSWERED = "answered"
    """Answered within the threshold / answered."""
    LONG_ABANDONED = "long_abandoned"
    """Answered within the threshold / (offered - hung up within the threshold)."""
    WAITED = "waited"
    """Calls whose wait ends within the threshold, by an answer or a hang-up / offered."""


@dataclass(frozen=True)
class QueuePerformance:
    """What callers and agents meet in steady state; arrays of one shape, a value per interval.

    Attributes
    ----------
    p_wait
        Share of offered calls that find all agents busy, 0..1.
    service_level
        Share of calls answered within the threshold, 0..1 (`ServiceLevelDefinition`).
    asa_s
        Mean time in queue of all offered calls, seconds; infinite where the queue grows without bound.
    occupancy
        Share of an agent's time spent handling calls, 0..1; 1 where the queue grows without bound.
    p_abandon
        Share of offered calls that hang up, 0..1; 0 in Erlang C.

    """

    p_wait: FloatArray
    service_level: FloatArray
    asa_s: FloatArray
    occupancy: FloatArray
    p_abandon: FloatArray
