"""The words of forecasting: a history, a result, and how exact it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import numpy.typing as npt

from apps.algorithms.forecasting.errors import SeriesError
from apps.algorithms.intervals import DAY_S, BoolArray, FloatArray, slots_per_day, sum_to_grid, usual_step_s

if TYPE_CHECKING:
    from collections.abc import Mapping

Ground = Literal["accuracy", "short", "sparse"]
_LARGEST_CALLS = 1e9


@dataclass(frozen=True, slots=True)
class Series:
    """Calls of one queue on a regular grid of its local wall-clock time.

    Attributes
    ----------
    first_day
        Local date of row 0.
    step_s
        Seconds of an interval; divides a day.
    calls
        Contacts, shape (days, slots), not negative; NaN where nothing was recorded.

    """

    first_day: date
    step_s: int
    calls: FloatArray

    def __post_init__(self) -> None:
        if self.calls.ndim != 2 or self.calls.shape[1] != slots_per_day(self.step_s):  # noqa: PLR2004 - days and slots
            raise SeriesError(0, f"calls of shape {self.calls.shape} do not fit a step of {self.step_s} s")
        bad = np.flatnonzero((self.calls < 0) | np.isinf(self.calls))
        if bad.size:
            raise SeriesError(int(bad[0]), "the number of calls is negative or infinite")

    @classmethod
    def from_rows(
        cls,
        starts: npt.NDArray[np.datetime64],
        calls: FloatArray,
        *,
        step_s: int | None = None,
    ) -> Self:
        """Build a series from rows in any order; rows of a finer step are summed.

        Parameters
        ----------
        starts
            Local interval starts, shape (n,).
        calls
            Contacts, shape (n,).
        step_s
            Seconds of an interval; the step of the rows themselves when None.

        Raises
        ------
        SeriesError
            For the first row that is not finite, negative, repeated or off the grid.

        """
        starts_s = starts.astype("datetime64[s]").astype(np.int64)
        order = np.argsort(starts_s, kind="stable")
        _check_values(calls)
        ordered = starts_s[order]
        repeated = np.flatnonzero(np.diff(ordered) == 0)
        if repeated.size:
            raise SeriesError(
                int(order[repeated[0] + 1]), f"the interval {starts[order[repeated[0]]]} is repeated"
            )
        fine_s = usual_step_s(ordered, otherwise=step_s or DAY_S)
        if DAY_S % fine_s:
            raise SeriesError(0, f"the rows are {fine_s} s apart, which does not divide a day")
        step_s = step_s or fine_s
        if step_s % fine_s:
            raise SeriesError(0, f"rows of {fine_s} s cannot be summed to a step of {step_s} s")
        slots_per_day(step_s)
        off_grid = np.flatnonzero(starts_s % fine_s)
        if off_grid.size:
            row = int(off_grid[0])
            raise SeriesError(row, f"{starts[row]} does not lie on the grid of {fine_s} s")
        first_day, grid = sum_to_grid(ordered, calls[order], fine_s=fine_s, step_s=step_s)
        return cls(first_day, step_s, grid)

    @property
    def slots(self) -> int:
        return int(self.calls.shape[1])

    @property
    def end(self) -> datetime:
        """Start of the first interval after the last observed one (the midnight of row 0 if none is)."""
        seen = np.flatnonzero(~np.isnan(self.calls))
        after = int(seen[-1]) + 1 if seen.size else 0
        midnight = datetime.combine(self.first_day, datetime.min.time())
        return midnight + timedelta(seconds=after * self.step_s)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How far a forecast was from fact (see `accuracy`); shares, not percent; NaN where undefined."""

    wape: float
    mape: float
    bias: float
    mase: float
    intervals: int


@dataclass(frozen=True, slots=True)
class ModelScore:
    """What the rolling-origin back-test says of one model."""

    model: str
    accuracy: Accuracy
    fold_wapes: tuple[float, ...]
    fit_s: float


@dataclass(frozen=True, slots=True)
class Band:
    """A prediction interval: bounds of shape (n,) and the share of back-test intervals it covered."""

    level: float
    lower: FloatArray
    upper: FloatArray
    backtest_coverage: float


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """Expected calls for each interval of a span, and where they come from.

    Attributes
    ----------
    start
        Local start of the first interval.
    step_s
        Seconds of an interval.
    calls
        Expected contacts, shape (n,); exactly 0 where `closed`.
    closed
        Closed hours and days, shape (n,).
    bands
        Prediction intervals by level.
    model, ground, reason
        The chosen model; what it was chosen by: back-test accuracy, or no choice could be made because the
        history is short or calls are sparse; and the same as a sentence.
    scores
        Back-test of every model, best first.
    day_labels
        Special days inside the span that changed the forecast, and the share of a normal day expected.

    """

    start: datetime
    step_s: int
    calls: FloatArray
    closed: BoolArray
    bands: Mapping[float, Band]
    model: str
    ground: Ground
    reason: str
    scores: tuple[ModelScore, ...]
    day_labels: Mapping[date, tuple[str, float]] = field(default_factory=dict)

    def starts(self) -> list[datetime]:
        """Return the local start of each interval."""
        step = timedelta(seconds=self.step_s)
        return [self.start + index * step for index in range(self.calls.size)]


def _check_values(calls: FloatArray) -> None:
    if not calls.size:
        raise SeriesError(0, "the history is empty")
    bad = np.flatnonzero(~np.isfinite(calls) | (calls < 0) | (calls > _LARGEST_CALLS))
    if bad.size:
        raise SeriesError(int(bad[0]), f"{calls[bad[0]]} is not a number of calls")
