"""How far a source's clock is off: read at every arrival, believed only when several readings agree."""

from __future__ import annotations

import datetime as dt
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE = dt.timedelta(seconds=2)
FARTHEST = dt.timedelta(days=1)  # further ahead is no clock that is off but a wrong message
READINGS = 5
FEWEST_READINGS = 3
_TOLERANCE_MS = TOLERANCE // dt.timedelta(milliseconds=1)
_FARTHEST_MS = FARTHEST // dt.timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of a source's clock: it is `offset_ms` ahead of ours (behind where negative).

    `leads_ms` is how far the last events were ahead of our clock when they arrived, `readings_ms` how far the
    source's own clock was when it told the time; one that does needs no guess from its events.
    """

    offset_ms: int = 0
    leads_ms: tuple[int, ...] = ()
    readings_ms: tuple[int, ...] = ()

    def after_events(self, leads_ms: Sequence[int]) -> Clock:
        """Learn from events as they arrive.

        An event from the future proves a clock that is ahead. One from the past proves nothing, it may have
        been on its way for long; only events that arrive on time prove that a clock ahead was set right.
        """
        if self.readings_ms:
            return self
        leads = (*self.leads_ms, *leads_ms)[-READINGS:]
        middle = int(statistics.median(leads))
        offset_ms = self.offset_ms
        if len(leads) == READINGS:
            if middle > _TOLERANCE_MS and abs(middle - offset_ms) > _TOLERANCE_MS:
                offset_ms = middle
            elif offset_ms > 0 and abs(middle) <= _TOLERANCE_MS:
                offset_ms = 0
        return Clock(offset_ms, leads)

    def after_reference(self, lead_ms: int) -> Clock:
        """Learn from the time that the source told when it was asked: right in both directions."""
        readings = (*self.readings_ms, lead_ms)[-READINGS:]
        middle = int(statistics.median(readings))
        offset_ms = self.offset_ms
        if len(readings) >= FEWEST_READINGS and abs(middle) <= _FARTHEST_MS:
            if abs(middle) <= _TOLERANCE_MS:
                offset_ms = 0
            elif abs(middle - offset_ms) > _TOLERANCE_MS:
                offset_ms = middle
        return Clock(offset_ms, self.leads_ms, readings)

    def corrected(self, told: dt.datetime, received_at: dt.datetime) -> dt.datetime:
        """Give the time by our clock; nothing has happened later than it was heard of."""
        at = told - dt.timedelta(milliseconds=self.offset_ms)
        return received_at if at > received_at + TOLERANCE else at


def lead_ms(told: dt.datetime, received_at: dt.datetime) -> int:
    """Give how far `told` is ahead of our clock, in milliseconds."""
    return (told - received_at) // dt.timedelta(milliseconds=1)
