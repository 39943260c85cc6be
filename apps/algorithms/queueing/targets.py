from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.queueing.checks import non_negative, positive, share
from apps.algorithms.queueing.errors import QueueingError
from apps.algorithms.queueing.performance import QueuePerformance, ServiceLevelDefinition

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from apps.algorithms.queueing.checks import BoolArray, IntArray

TOLERANCE = 1e-12
"""A value this close to its target (absolute for shares, relative for seconds) meets it, so that the binary
rounding of a decimal target such as 0.85 never costs an agent."""


@dataclass(frozen=True)
class ServiceTarget:
    """What the callers of a queue are promised; every given part must hold.

    Each part is a number, or an array that broadcasts to the shape of the loads.

    Attributes
    ----------
    service_level
        Least share answered within `threshold_s`, ``0 < share < 1``.
    threshold_s
        Acceptable wait of the service level, seconds, ``>= 0``.
    asa_s
        Longest mean wait, seconds, ``> 0``.
    max_occupancy
        Greatest share of an agent's time spent on calls, ``0 < share <= 1``.
    max_abandonment
        Greatest share of calls that hang up, ``0 < share < 1``; needs a finite patience.
    definition
        Which share `service_level` is.

    Raises
    ------
    QueueingError
        No target is given, or one is outside its range.

    """

    service_level: ArrayLike | None = None
    threshold_s: ArrayLike = 20.0
    asa_s: ArrayLike | None = None
    max_occupancy: ArrayLike | None = None
    max_abandonment: ArrayLike | None = None
    definition: ServiceLevelDefinition = ServiceLevelDefinition.OFFERED

    def __post_init__(self) -> None:
        given = (self.service_level, self.asa_s, self.max_occupancy, self.max_abandonment)
        if all(target is None for target in given):
            raise QueueingError("at least one target is needed: service level, ASA, occupancy or abandonment")
        non_negative("threshold_s", self.threshold_s)
        if self.service_level is not None:
            share("service_level", self.service_level, allow_zero=False, allow_one=False)
        if self.asa_s is not None:
            positive("asa_s", self.asa_s)
        if self.max_occupancy is not None:
            share("max_occupancy", self.max_occupancy, allow_zero=False, allow_one=True)
        if self.max_abandonment is not None:
            share("max_abandonment", self.max_abandonment, allow_zero=False, allow_one=False)

    def take(self, shape: tuple[int, ...], chosen: BoolArray | IntArray) -> ServiceTarget:
        """Return the targets of the `chosen` intervals, a mask of `shape` or row numbers, as flat arrays."""

        def picked(values: ArrayLike | None) -> ArrayLike | None:
            return None if values is None else np.broadcast_to(np.asarray(values, np.float64), shape)[chosen]

        threshold = np.broadcast_to(np.asarray(self.threshold_s, np.float64), shape)[chosen]
        return ServiceTarget(
            service_level=picked(self.service_level),
            threshold_s=threshold,
            asa_s=picked(self.asa_s),
            max_occupancy=picked(self.max_occupancy),
            max_abandonment=picked(self.max_abandonment),
            definition=self.definition,
        )

    def met_by(self, performance: QueuePerformance) -> BoolArray:
        """Return where all given targets hold, of the shape of `performance`."""
        met: BoolArray = np.ones(performance.p_wait.shape, dtype=np.bool_)
        if self.service_level is not None:
            met &= performance.service_level >= np.asarray(self.service_level) - TOLERANCE
        if self.asa_s is not None:
            met &= performance.asa_s <= np.asarray(self.asa_s) * (1 + TOLERANCE)
        if self.max_occupancy is not None:
            met &= performance.occupancy <= np.asarray(self.max_occupancy) + TOLERANCE
        if self.max_abandonment is not None:
            met &= performance.p_abandon <= np.asarray(self.max_abandonment) + TOLERANCE
        return met
