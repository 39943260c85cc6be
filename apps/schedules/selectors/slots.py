"""Instants as integer slots from an origin, for the optimiser (15 min) and for checks (1 min)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.core.zones import midnight

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from apps.schedules.types import Month


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


def slot_clock(month: Month, zone_names: Iterable[str], slot_s: int) -> SlotClock:
    """Give the clock whose origin is the earliest local beginning of the month in these zones."""
    return SlotClock(min(midnight(month.first, name) for name in zone_names), slot_s)
