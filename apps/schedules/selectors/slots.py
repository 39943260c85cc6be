"""Instants as integer slots from an origin, for the optimiser (15 min) and for checks (1 min)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apps.algorithms.rostering.problem import ClockChange
from apps.core.zones import midnight

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from apps.schedules.types import Month

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class SlotClock:
    """Slots of `slot_s` seconds counted from `origin`."""

    origin: dt.datetime
    slot_s: int

    def floor(self, instant: dt.datetime) -> int:
        """Give the slot that holds `instant`."""
        return int((instant - self.origin).total_seconds() // self.slot_s)

    def ceil(self, instant: dt.datetime) -> int:
        """Give the first slot that begins at `instant` or after it."""
        return int(-(-(instant - self.origin).total_seconds() // self.slot_s))

    def slots(self, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the slots that hold instants, which are seconds since 1970, shape (n,)."""
        return (seconds - int(self.origin.timestamp())) // self.slot_s

    def instant(self, slot: int) -> dt.datetime:
        return self.origin + dt.timedelta(seconds=slot * self.slot_s)


def day_starts(month: Month, zone_name: str, clock: SlotClock) -> tuple[int, ...]:
    """Give the slots of the local midnights of the month and of the one after its last day."""
    days = [*month.days, month.day_after]
    return tuple(clock.floor(midnight(day, zone_name)) for day in days)


def clock_changes(month: Month, zone_name: str, clock: SlotClock) -> tuple[ClockChange, ...]:
    """Give the days of the month, and the one after it, on which the clocks of the zone are set."""
    days = [*month.days, month.day_after, month.day_after + DAY]
    starts = [midnight(day, zone_name) for day in days]
    return tuple(
        _change(index, clock.floor(start), clock.floor(end), zone_name, clock)
        for index, (start, end) in enumerate(pairwise(starts))
        if end - start != DAY
    )


def _change(day: int, start: int, end: int, zone_name: str, clock: SlotClock) -> ClockChange:
    zone = ZoneInfo(zone_name)

    def offset(slot: int) -> dt.timedelta | None:
        return clock.instant(slot).astimezone(zone).utcoffset()

    at = next(slot for slot in range(start, end + 1) if offset(slot) != offset(start))
    return ClockChange(day, at - start, end - start - int(DAY.total_seconds()) // clock.slot_s)


def slot_clock(month: Month, zone_names: Iterable[str], slot_s: int) -> SlotClock:
    """Give the clock whose origin is the earliest local beginning of the month in these zones."""
    return SlotClock(min(midnight(month.first, name) for name in zone_names), slot_s)
