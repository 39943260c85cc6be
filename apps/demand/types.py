"""Interval history as arrays, on its way in and on its way out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal

    from apps.core.phrases import Phrase
    from apps.organization.models import Queue

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TimeArray = npt.NDArray[np.datetime64]

UNKNOWN = -1  # in an integer column: the file did not say


@dataclass(frozen=True, slots=True)
class HistoryRows:
    """Intervals of one queue, sorted by start, each once; all arrays have shape (n,).

    `starts` are instants (UTC, seconds); counts and second totals are whole, `UNKNOWN` where not given.
    """

    step_s: int
    starts: TimeArray
    offered: IntArray
    handled: IntArray
    abandoned: IntArray
    handle_s: IntArray
    wrap_s: IntArray
    answered_in_target: IntArray

    def __len__(self) -> int:
        return int(self.starts.size)


COUNTS = tuple(field.name for field in fields(HistoryRows) if field.name not in {"step_s", "starts"})


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that cannot be loaded: where it stands, which column is wrong, why, and what stood there."""

    line: int
    column: str
    reason: Phrase
    value: str


@dataclass(frozen=True, slots=True)
class HistorySeries:
    """History on a regular grid of instants, shape (n,): interval k starts at `start + k * step_s`.

    An interval without rows is not `observed` and holds NaN. `handled` is NaN where some row did not say.
    `answered` are the calls that `handle_s`, their total handle time, belongs to (AHT is their quotient);
    both are NaN where no handle time is known.
    """

    start: dt.datetime
    step_s: int
    offered: FloatArray
    handled: FloatArray
    answered: FloatArray
    handle_s: FloatArray
    observed: BoolArray


@dataclass(frozen=True, slots=True)
class LocalHistory:
    """History on the queue's own wall clock, shape (days, slots); NaN where nothing was recorded.

    The hour that a clock change repeats holds the sum of both; the hour that it leaves out holds NaN.
    `answered` are the calls that `handle_s`, their total handle time, belongs to. `corrections` are the
    numbers of those that were laid over the recorded figures.
    """

    first_day: dt.date
    step_s: int
    calls: FloatArray
    answered: FloatArray
    handle_s: FloatArray
    rows: int
    digest: str
    corrections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShiftedSpan:
    """Days (both included) of a history whose rows were moved by whole weeks when they were imported."""

    first: dt.date
    last: dt.date
    weeks: int


@dataclass(frozen=True, slots=True)
class InstantSpan:
    """Instants (aware) from `start` up to, not including, `end`."""

    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that holds; `values` (contacts from `start`, one for each `step_s`) where it replaces."""

    id: int
    queue_id: int
    span: InstantSpan
    action: str
    step_s: int | None
    values: Sequence[float | None] | None


@dataclass(frozen=True, slots=True)
class Outlier:
    """A day, or intervals of one day that follow each other, outside the fences.

    Contacts are totals of `span`; `low` and `high` bound what is ordinary, `outer_low` and `outer_high` what
    is still possible. `severity` is 1 beyond the inner fences, 2 beyond the outer ones. `special` names the
    special day that may be why; `correction` is what a person decided about all of it, None before that.
    """

    span: InstantSpan
    day: dt.date
    is_day: bool
    intervals: int
    actual: float
    expected: float
    low: float
    high: float
    outer_low: float
    outer_high: float
    severity: int
    neighbours: int
    special: str
    correction: Correction | None

    @property
    def is_high(self) -> bool:
        return self.actual > self.expected


@dataclass(frozen=True, slots=True)
class SpecialDayFacts:
    """What a special day is: see `models.SpecialDay`; `coefficient` 1.25 = a quarter more contacts."""

    name: str
    kind: str
    first_day: dt.date
    last_day: dt.date
    coefficient: Decimal
    from_minute: int = 0
    to_minute: int = 1440
    queue: Queue | None = None
    calendar_code: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CombinedDays:
    """Days that follow each other with the same special days; lowest and highest combined coefficient."""

    first_day: dt.date
    last_day: dt.date
    names: tuple[str, ...]
    low: float
    high: float
