"""Forecasts as plain data: what is asked, what it is made from, what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from apps.core.phrases import Phrase
    from apps.demand.models import SpecialDay
    from apps.demand.types import LocalHistory

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
TimeArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class ForecastRequest:
    """What is asked for.

    Attributes
    ----------
    queue_id
        The queue; an aggregated one is forecast from the sum of its members.
    start, end
        Local days, `end` not included; history before `start` is learned from.
    seed
        For models that draw.
    level
        Share of the intervals that the band should hold.
    activate
        Make it the version that is planned from, in place of those it overlaps.
    holidays_country
        Whose holidays the history saw; `services.special_days` tells what is done without it.
    assumed_aht_s
        AHT where the history has no handle times at all.

    """

    queue_id: int
    start: dt.date
    end: dt.date
    seed: int = 0
    level: float = 0.8
    activate: bool = True
    holidays_country: str | None = None
    assumed_aht_s: float | None = None


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Names of the special days of history and horizon, and where they come from.

    `closed` are days of the horizon on which the queue does not work. `sources` says whose holidays the
    history was read with: a calendar code, or the country of a history that was moved by weeks. `told` are
    days whose whole effect a person gave as a coefficient: nothing is learned of them or assumed on them.
    """

    names: Mapping[dt.date, str]
    closed: frozenset[dt.date]
    sources: tuple[str, ...]
    told: frozenset[dt.date] = frozenset()


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a forecast is computed from; nothing is read while it is computed."""

    zone: str
    step_s: int
    history: LocalHistory
    history_start: dt.date
    special_days: SpecialDays
    opening: BoolArray | None
    weeks_shifted: tuple[int, ...]
    events: tuple[SpecialDay, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecasted:
    """A forecast on the queue's planning step; arrays have shape (n,), `starts` are instants (UTC)."""

    points: ForecastArrays
    model: str
    reason: Phrase
    accuracy: Mapping[str, Any]
    special_days: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ForecastArrays:
    """Points of a version in order of time, shape (n,): contacts with their band, AHT in seconds."""

    starts: TimeArray
    step_s: int
    calls: FloatArray
    lower: FloatArray
    upper: FloatArray
    aht_s: FloatArray


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """Back-test of one model; shares (0.07 = 7 %), None where undefined."""

    model: str
    wape: float | None
    mape: float | None
    bias: float | None
    mase: float | None
    is_chosen: bool
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of a forecast from `start` up to `end`; see `algorithms.forecasting.adjusting`."""

    start: dt.datetime
    end: dt.datetime
    measure: str
    operation: str
    value: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the history says of a special day: the share of an ordinary day on each date, and their median.

    `next_day` is its next date by the queue's calendar, None where it is not known.
    """

    name: str
    seen: tuple[tuple[dt.date, float], ...]
    coefficient: float
    next_day: dt.date | None


@dataclass(frozen=True, slots=True)
class FactAccuracy:
    """How a version did against the recorded fact: shares (0.07 = 7 %), None where undefined."""

    intervals: int
    wape: float | None
    mape: float | None
    bias: float | None
    mase: float | None


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """Contacts of local days `first` to `last` by fact, by one version and by the other; None = unknown."""

    first: dt.date
    last: dt.date
    fact: float | None
    one: float | None
    other: float | None

    @property
    def difference(self) -> float | None:
        return None if self.one is None or self.other is None else self.other - self.one

    @property
    def change(self) -> float | None:
        """The difference as a share of the first."""
        return self.difference / self.one if self.difference is not None and self.one else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions over the days they share; accuracy where fact is known."""

    rows: tuple[PeriodRow, ...]
    total: PeriodRow
    one: FactAccuracy
    other: FactAccuracy
