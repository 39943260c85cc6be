"""A day of a clock in quarters of an hour: 96 of them, or 92 and 100 where the clock is set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from apps.core.templatetags.clock import offset_name
from apps.schedules.types import SLOT_S

USUAL_SLOTS = 96
SLOT = dt.timedelta(seconds=SLOT_S)


@dataclass(frozen=True, slots=True)
class ClockHour:
    """The quarters from `first` up to `end` that one hour of the clock holds; `told` is `02:00 UTC+1`."""

    name: str
    told: str
    first: int
    end: int

    @property
    def slots(self) -> int:
        return self.end - self.first


@dataclass(frozen=True)
class DayClock:
    """What the clock shows at each quarter of a day and at its end, `slots` + 1 texts.

    A time that the day has twice is told with its distance from UTC. `distances` are those of the day, one
    unless the clock is set on it.
    """

    marks: tuple[str, ...]
    hours: tuple[ClockHour, ...]
    distances: tuple[str, ...]

    @property
    def slots(self) -> int:
        return len(self.marks) - 1

    @property
    def is_usual(self) -> bool:
        return len(self.distances) == 1


@lru_cache(maxsize=64)
def day_clock(start: dt.datetime, end: dt.datetime, zone_name: str) -> DayClock:
    """Give the clock of a day between two instants, which are midnights of the zone."""
    zone = ZoneInfo(zone_name)
    n_slots = (end - start) // SLOT
    moments = [(start + index * SLOT).astimezone(zone) for index in range(n_slots)]
    times = [f"{moment:%H:%M}" for moment in moments]
    twice = {time for time, moment in zip(times, moments, strict=True) if moment.fold}
    marks = [
        f"{time} {offset_name(moment)}" if time in twice else time
        for time, moment in zip(times, moments, strict=True)
    ]
    distances = tuple(dict.fromkeys(offset_name(moment) for moment in moments))
    return DayClock((*marks, "24:00"), _hours(moments), distances)


def _hours(moments: list[dt.datetime]) -> tuple[ClockHour, ...]:
    def hour_of(index: int) -> tuple[int, dt.timedelta | None]:
        return moments[index].hour, moments[index].utcoffset()

    firsts = [next(indices) for _key, indices in groupby(range(len(moments)), key=hour_of)]
    return tuple(
        ClockHour(f"{moments[first]:%H}", f"{moments[first]:%H:%M} {offset_name(moments[first])}", first, end)
        for first, end in pairwise([*firsts, len(moments)])
    )
