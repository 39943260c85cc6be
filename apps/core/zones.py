"""Local wall-clock time and instants, on whole arrays: a zone is asked once a day, not once a row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Instants = npt.NDArray[np.datetime64]
Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_DAY_S = 86_400
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - local wall-clock time has no zone


@dataclass(frozen=True, slots=True)
class Resolved:
    """Instants of local times.

    `utc` holds the instant of the first occurrence, `second_utc` that of the second one in the hour that a
    clock change repeats (elsewhere equal to `utc`); `exists` is false in the hour that one leaves out.
    """

    utc: Instants
    second_utc: Instants
    exists: Flags


def resolve(local: Instants, zone: str) -> Resolved:
    """Find the instants of naive local times (any order), shape (n,)."""
    seconds = local.astype("datetime64[s]").astype(np.int64)
    tz = ZoneInfo(zone)
    first = _offsets(seconds, lambda moment: _offset_s(moment, tz, fold=0))
    second = _offsets(seconds, lambda moment: _offset_s(moment, tz, fold=1))
    # In a repeated hour the offset falls from fold 0 to fold 1; in a left-out hour it rises.
    return Resolved(
        (seconds - first).astype("datetime64[s]"),
        (seconds - np.minimum(first, second)).astype("datetime64[s]"),
        first >= second,
    )


def to_local(utc: Instants, zone: str) -> Instants:
    """Give the naive local wall-clock times of instants, shape (n,)."""
    seconds = utc.astype("datetime64[s]").astype(np.int64)
    tz = ZoneInfo(zone)

    def offset(second: int) -> int:
        gap = dt.datetime.fromtimestamp(second, tz).utcoffset()
        return int(gap.total_seconds()) if gap else 0

    return (seconds + _offsets(seconds, offset)).astype("datetime64[s]")


def midnight(day: dt.date, zone: str) -> dt.datetime:
    """Give the instant, in UTC, at which a local day begins."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


def to_datetime(instant: np.datetime64) -> dt.datetime:
    """Make an aware UTC datetime of an instant."""
    return dt.datetime.fromtimestamp(int(instant.astype("datetime64[s]").astype(np.int64)), dt.UTC)


def to_instant(moment: dt.datetime) -> np.datetime64:
    """Make a UTC `datetime64[s]` of an aware datetime."""
    return np.datetime64(int(moment.timestamp()), "s")


def _offsets(seconds: Seconds, offset_at: Callable[[int], int]) -> Seconds:
    """Offset of each second: by its day where both ends of the day agree, else asked one by one."""
    if not seconds.size:
        return np.zeros(0, dtype=np.int64)
    days, day_of = np.unique(seconds // _DAY_S, return_inverse=True)
    ends = {int(day): offset_at(int(day) * _DAY_S) for day in np.union1d(days, days + 1)}
    begin = np.array([ends[int(day)] for day in days], dtype=np.int64)
    after = np.array([ends[int(day) + 1] for day in days], dtype=np.int64)
    found = begin[day_of]
    changing = np.flatnonzero((begin != after)[day_of])
    if changing.size:
        moments, moment_of = np.unique(seconds[changing], return_inverse=True)
        found[changing] = np.array([offset_at(int(moment)) for moment in moments], dtype=np.int64)[moment_of]
    return found


def _offset_s(local_second: int, tz: ZoneInfo, *, fold: int) -> int:
    gap = (_EPOCH + dt.timedelta(seconds=local_second)).replace(tzinfo=tz, fold=fold).utcoffset()
    return int(gap.total_seconds()) if gap else 0
