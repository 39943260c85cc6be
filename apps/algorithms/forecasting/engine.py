"""One forecast from beginning to end: check, back-test, choose, forecast, bound."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.forecasting.backtest import choose, day_spread, predict_all, run_backtest
from apps.algorithms.forecasting.bands import calibrate, coverage
from apps.algorithms.forecasting.boosting import Boosting
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

    from apps.algorithms.intervals import BoolArray

_MAKERS: Mapping[str, Callable[[], Model]] = {
    "decomposition": Decomposition,
    "factors": Factors,
    "smoothing": Smoothing,
    "boosting": Boosting,
    "week_naive": WeekNaive,
}
MODEL_NAMES = tuple(_MAKERS)
_BASELINE = "week_naive"
_LONGEST_HORIZON_DAYS = 400
_LONGEST_HISTORY_DAYS = 1100
_FOLD_HISTORY_WEEKS = 3


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
        History, local time.
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
    span = _Span(series, horizon_end)
    series = _recent(series)
    need_days = _check_history(series)
    report = _Reporter(progress, cancelled)
    known_days = dict(holidays or {})
    report(0.0, "backtest")
    test = run_backtest(
        series,
        chosen,
        holidays=known_days,
        opening=opening,
        need_days=max(_FOLD_HISTORY_WEEKS * 7, need_days),
        seed=seed,
        step=lambda share: report(0.8 * share, "backtest"),
    )
    report(0.8, "forecast")
    days = series.calls.shape[0]
    target = np.arange(span.first_index(series), days + span.days_ahead(series))
    past, special = prepare(series, days_ahead=span.days_ahead(series), holidays=known_days, opening=opening)
    said = predict_all(chosen, Task(past, day_kernels(past), target, seed), {})
    name, reason = choose(test.scores, tuple(said))
    report(0.95, "bands")
    calls = said[name]
    spread = np.repeat(day_spread(chosen, target.size), series.slots)
    calibration = calibrate(test.folds, name)
    cut = span.cut(series)
    bands = {}
    for level in levels:
        lower, upper = calibration.bounds(calls.ravel(), spread, level)
        bands[level] = Band(level, lower[cut], upper[cut], coverage(test.folds, name, level))
    closed = ~past.opening[past.weekday[target]] | (past.share[target] == 0)[:, None]
    report(1.0, "done")
    return ForecastResult(
        start=span.start,
        step_s=series.step_s,
        calls=np.where(closed, 0.0, calls).ravel()[cut],
        closed=closed.ravel()[cut],
        bands=bands,
        model=name,
        reason=reason,
        scores=test.scores,
        day_labels={
            series.first_day + timedelta(days=int(index)): (label, float(past.share[index]))
            for index, label in special.labels.items()
        },
    )


class _Span:
    """The intervals wanted: from the end of the history to `horizon_end`, on whole days for the models."""

    def __init__(self, series: Series, horizon_end: datetime) -> None:
        self.start = series.end
        self.last = horizon_end
        if horizon_end < self.start:
            raise HorizonError(f"the horizon ends at {horizon_end}, before the history does ({self.start})")
        if (horizon_end - self.start).days > _LONGEST_HORIZON_DAYS:
            raise HorizonError(f"the horizon is longer than {_LONGEST_HORIZON_DAYS} days")

    def first_index(self, series: Series) -> int:
        return (self.start.date() - series.first_day).days

    def days_ahead(self, series: Series) -> int:
        return (self.last.date() - series.first_day).days + 1 - series.calls.shape[0]

    def cut(self, series: Series) -> slice:
        midnight = datetime.combine(self.start.date(), datetime.min.time())
        first = int((self.start - midnight).total_seconds()) // series.step_s
        last = int((self.last - midnight).total_seconds()) // series.step_s
        return slice(first, last + 1)


class _Reporter:
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
        make() for name, make in _MAKERS.items() if names is None or name in names or name == _BASELINE
    )


def _recent(series: Series) -> Series:
    """Return the last three years of a longer history, without empty days at its end."""
    active = np.flatnonzero(np.isfinite(series.calls).any(axis=1))
    last = int(active[-1]) + 1 if active.size else 0
    first = max(last - _LONGEST_HISTORY_DAYS, int(active[0]) if active.size else 0)
    return Series(series.first_day + timedelta(days=first), series.step_s, series.calls[first:last])


def _check_history(series: Series) -> int:
    """Return the calendar days two open weeks take, or say how many days with calls are missing."""
    days = series.calls.shape[0]
    busy = int((np.nansum(series.calls, axis=1) > 0).sum()) if days else 0
    if not busy:
        raise NotEnoughHistoryError(0, 10)
    weekday = (series.first_day.weekday() + np.arange(days)) % 7
    open_days = int(infer_opening(series.calls, weekday).any(axis=1).sum()) if days > 7 else min(5, 7)  # noqa: PLR2004
    need = 2 * max(open_days, 1)
    if busy < need or days < 8:  # noqa: PLR2004
        raise NotEnoughHistoryError(busy, need)
    return 14
