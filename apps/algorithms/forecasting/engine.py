"""One forecast from beginning to end: check, back-test, choose, forecast, bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from apps.algorithms.forecasting.backtest import (
    BASELINE,
    Backtest,
    choose,
    day_spread,
    mix,
    predict_all,
    run_backtest,
)
from apps.algorithms.forecasting.bands import calibrate, coverage
from apps.algorithms.forecasting.cleaning import prepare
from apps.algorithms.forecasting.daylevel import day_kernels
from apps.algorithms.forecasting.errors import (
    ForecastCancelledError,
    ForecastError,
    HorizonError,
    NotEnoughHistoryError,
)
from apps.algorithms.forecasting.models import Decomposition, Factors, Model, Smoothing, Task, WeekNaive
from apps.algorithms.forecasting.opening import infer_opening
from apps.algorithms.forecasting.types import Band, ForecastResult, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from apps.algorithms.intervals import BoolArray, FloatArray, IntArray

_MAKERS: Mapping[str, Callable[[], Model]] = {
    "decomposition": Decomposition,
    "factors": Factors,
    "smoothing": Smoothing,
    BASELINE: WeekNaive,
}
MODEL_NAMES = tuple(_MAKERS)
_LONGEST_HORIZON_DAYS = 400
_LONGEST_HISTORY_DAYS = 800
_FOLD_HISTORY_DAYS = 21
_TWO_WEEKS = 14
_USUAL_OPEN_DAYS = 5


def forecast(
    series: Series,
    *,
    horizon_end: datetime,
    holidays: Mapping[date, str] | None = None,
    opening: BoolArray | None = None,
    levels: Sequence[float] = (0.8,),
    models: Sequence[str] | None = None,
    seed: int = 0,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ForecastResult:
    """Forecast every interval after the history, up to and including the one that starts at `horizon_end`.

    Parameters
    ----------
    series
        History, local time; its last 800 days are used.
    horizon_end
        Local start of the last interval wanted (rounded down to the grid).
    holidays
        Name of each special day of history and horizon; those in the history teach what the coming ones do.
    opening
        Open slots of the week, shape (7, S), Monday first; read off the history when None.
    levels
        Shares the prediction intervals should cover.
    models
        Names out of `MODEL_NAMES`; all when None. The baseline always runs.
    seed
        For models that draw.
    progress
        Called with the share done and the stage.
    cancelled
        Asked between stages.

    Raises
    ------
    NotEnoughHistoryError
        With fewer than two weeks of days with calls.
    HorizonError
        If the span is empty or ends more than 400 days after the history.
    ForecastCancelledError
        When `cancelled` says so.
    ForecastError
        For an unknown model or level.

    """
    chosen = _models(models, levels)
    recent = _recent(series)
    _check_history(recent)
    run = _Run(recent, _Span(recent, horizon_end), chosen, dict(holidays or {}), opening, seed)
    report = _Reporter(progress, cancelled)
    with threadpool_limits(limits=1):
        return run.forecast(levels, report)


@dataclass(frozen=True)
class _Run:
    """The inputs of one forecast, checked."""

    series: Series
    span: _Span
    models: tuple[Model, ...]
    holidays: Mapping[date, str]
    opening: BoolArray | None
    seed: int

    def forecast(self, levels: Sequence[float], report: _Reporter) -> ForecastResult:
        test = run_backtest(
            self.series,
            self.models,
            holidays=self.holidays,
            opening=self.opening,
            need_days=_FOLD_HISTORY_DAYS,
            seed=self.seed,
            step=lambda share: report(0.8 * share, "backtest"),
        )
        report(0.8, "forecast")
        past, special = prepare(
            self.series, days_ahead=self.span.days_ahead, holidays=self.holidays, opening=self.opening
        )
        task = Task(past, day_kernels(past), self.span.target, self.seed)
        said = mix(predict_all(self.models, task, {}), test.weights)
        choice = choose(test, tuple(said))
        name = choice.model
        report(0.95, "bands")
        target = self.span.target
        closed = ~past.opening[past.weekday[target]] | (past.share[target] == 0)[:, None]
        calls = np.where(closed, 0.0, said[name]).ravel()
        spread = np.repeat(day_spread(self.models, target.size), self.series.slots)
        cut = self.span.cut
        result = ForecastResult(
            start=self.span.start,
            step_s=self.series.step_s,
            calls=calls[cut],
            closed=closed.ravel()[cut],
            bands={level: self._band(test, name, calls, spread, level) for level in levels},
            model=name,
            ground=choice.ground,
            reason=choice.reason,
            scores=test.scores,
            day_labels={
                self.series.first_day + timedelta(days=int(index)): (label, float(past.share[index]))
                for index, label in special.labels.items()
            },
        )
        report(1.0, "done")
        return result

    def _band(self, test: Backtest, name: str, calls: FloatArray, spread: FloatArray, level: float) -> Band:
        lower, upper = calibrate(test.folds, name).bounds(calls, spread, level)
        cut = self.span.cut
        return Band(level, lower[cut], upper[cut], coverage(test.folds, name, level))


class _Span:
    """The intervals wanted: from the end of the history to `horizon_end`; models see whole days.

    Attributes
    ----------
    start
        Local start of the first interval.
    target
        Indices of the days touched, counted from the first day of the history.
    days_ahead
        Days after the last day of the history.
    cut
        The intervals within the target days.

    """

    def __init__(self, series: Series, horizon_end: datetime) -> None:
        self.start = series.end
        if horizon_end < self.start:
            raise HorizonError(f"the horizon ends at {horizon_end}, before the history does ({self.start})")
        if (horizon_end - self.start).days > _LONGEST_HORIZON_DAYS:
            raise HorizonError(f"the horizon is longer than {_LONGEST_HORIZON_DAYS} days")
        first = (self.start.date() - series.first_day).days
        last = (horizon_end.date() - series.first_day).days
        self.target: IntArray = np.arange(first, last + 1)
        self.days_ahead = max(last + 1 - series.calls.shape[0], 0)
        midnight = datetime.combine(self.start.date(), datetime.min.time())
        step = timedelta(seconds=series.step_s)
        self.cut = slice((self.start - midnight) // step, (horizon_end - midnight) // step + 1)


class _Reporter:
    """Tells the caller how far the work is, and stops it when asked."""

    def __init__(
        self, progress: Callable[[float, str], None] | None, cancelled: Callable[[], bool] | None
    ) -> None:
        self.progress = progress
        self.cancelled = cancelled

    def __call__(self, share: float, stage: str) -> None:
        if self.cancelled is not None and self.cancelled():
            raise ForecastCancelledError("the forecast was cancelled")
        if self.progress is not None:
            self.progress(share, stage)


def _models(names: Sequence[str] | None, levels: Sequence[float]) -> tuple[Model, ...]:
    unknown = [name for name in names or () if name not in _MAKERS]
    if unknown:
        raise ForecastError(f"unknown model {unknown[0]!r}; known: {', '.join(MODEL_NAMES)}")
    wrong = [level for level in levels if not 0 < level < 1]
    if wrong:
        raise ForecastError(f"a level of {wrong[0]} is not between 0 and 1")
    return tuple(
        make() for name, make in _MAKERS.items() if names is None or name in names or name == BASELINE
    )


def _recent(series: Series) -> Series:
    """Return the last 800 days of a longer history, from its first row to its last."""
    active = np.flatnonzero(np.isfinite(series.calls).any(axis=1))
    if not active.size:
        raise NotEnoughHistoryError(0, 2 * _USUAL_OPEN_DAYS)
    last = int(active[-1]) + 1
    first = max(last - _LONGEST_HISTORY_DAYS, int(active[0]))
    return Series(series.first_day + timedelta(days=first), series.step_s, series.calls[first:last])


def _check_history(series: Series) -> None:
    """Demand two weeks of the days the queue is open."""
    days = series.calls.shape[0]
    busy = int((np.nansum(series.calls, axis=1) > 0).sum())
    weekday = (series.first_day.weekday() + np.arange(days)) % 7
    open_days = int(infer_opening(series.calls, weekday).any(axis=1).sum())
    need = 2 * (max(open_days, 1) if days >= _TWO_WEEKS else max(open_days, _USUAL_OPEN_DAYS))
    if busy < need:
        raise NotEnoughHistoryError(busy, need)
