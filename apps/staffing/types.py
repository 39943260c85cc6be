"""Requirements as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import datetime as dt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TimeArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class RequirementArrays:
    """Points of a version in order of time, shape (n,).

    `load_erl` is the offered load, `positions` the agents on line by the queueing model, `required` adds
    minimum, reserve and unplanned absence.
    """

    starts: TimeArray
    step_s: int
    load_erl: FloatArray
    positions: IntArray
    required: IntArray


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in each interval, shape (n,); `patience_s` is infinite where nobody hangs up (Erlang C).

    `stamp` holds the targets and coefficients that were found, as a version keeps them.
    """

    service_level: FloatArray
    answer_within_s: FloatArray
    max_occupancy: FloatArray
    patience_s: FloatArray
    minimum_agents: FloatArray
    reserve: FloatArray
    absenteeism: FloatArray
    is_open: BoolArray
    stamp: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DayEffect:
    """Local days `first` to `last` before and after a change; None where there was nothing before.

    Contacts, required person-hours, and the most agents required at once.
    """

    first: dt.date
    last: dt.date
    calls_before: float | None
    calls_after: float
    hours_before: float | None
    hours_after: float
    peak_before: int | None
    peak_after: int

    @property
    def hours_change(self) -> float | None:
        return None if self.hours_before is None else self.hours_after - self.hours_before

    @property
    def peak_change(self) -> int | None:
        return None if self.peak_before is None else self.peak_after - self.peak_before


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to the requirement, by day and in all.

    Where what is planned from now does not reach over all of it, `compared` holds the first and the last day
    on which both say something, and `total` is about these days only; elsewhere it is None.
    """

    days: tuple[DayEffect, ...]
    total: DayEffect
    compared: tuple[dt.date, dt.date] | None = None
