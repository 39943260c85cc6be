"""Rolling-origin back-test: every model forecasts from several past days, knowing what was known then.

That holds for the ensemble too: its weights at an origin come from the folds before it (equal at the first).
Calendar knowledge is the exception: special days and given opening hours are taken as known at every origin,
as a planner knows them ahead.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.forecasting.accuracy import accuracy, week_naive_mae
from apps.algorithms.forecasting.cleaning import prepare
from apps.algorithms.forecasting.daylevel import day_kernels
from apps.algorithms.forecasting.models import Decomposition, Model, Task
from apps.algorithms.forecasting.types import ModelScore, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from apps.algorithms.forecasting.types import Ground
    from apps.algorithms.intervals import BoolArray, FloatArray

ENSEMBLE = "ensemble"
BASELINE = "week_naive"
_WEEK = 7
_MOST_FOLDS = 6
_FOLD_DAYS = 14
_CLEAR_WIN = 0.97
_WEIGHT_POWER = 6
_TELLING_MEAN = 0.5


@dataclass(frozen=True, slots=True)
class Fold:
    """One origin of the back-test.

    Attributes
    ----------
    actual
        What came, shape (m, S), NaN where unknown.
    said
        Forecast of each model and of the ensemble as it was weighted at this origin, shape (m, S).
    spread
        Day-level standard deviation of the logarithm, shape (m,).

    """

    actual: FloatArray
    said: Mapping[str, FloatArray]
    spread: FloatArray


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the back-test gives: its folds, a score for each model, and the weights that all folds teach."""

    folds: tuple[Fold, ...]
    scores: tuple[ModelScore, ...]
    weights: Mapping[str, float]


def fold_origins(days: int, need_days: int) -> list[tuple[int, int]]:
    """Return (first day forecast, number of days) of each fold, oldest first.

    Two-week folds, one after the other, back from the end of the history; one-week folds where fewer than
    three of those leave `need_days` days to learn from.
    """
    for length in (_FOLD_DAYS, _WEEK):
        most = min((days - need_days) // length, _MOST_FOLDS)
        if most >= (3 if length == _FOLD_DAYS else 1):
            return [(days - length * back, length) for back in range(most, 0, -1)]
    return []


def predict_all(models: tuple[Model, ...], task: Task, seconds: dict[str, float]) -> dict[str, FloatArray]:
    """Run every model and apply the shares of special days; `seconds` collects the time each took."""
    said: dict[str, FloatArray] = {}
    share = task.past.share[task.target][:, None]
    for model in models:
        begin = time.perf_counter()
        said[model.name] = model.predict(task) * share
        seconds[model.name] = seconds.get(model.name, 0.0) + time.perf_counter() - begin
    return said


def mix(said: Mapping[str, FloatArray], weights: Mapping[str, float]) -> dict[str, FloatArray]:
    """Add the ensemble: the weighted mean of the models (left out where there is but one)."""
    if len(weights) < 2:  # noqa: PLR2004 - one has nothing to be mixed with
        return dict(said)
    total = sum(weights.values())
    members = [said[name] * (weight / total) for name, weight in weights.items()]
    return {**said, ENSEMBLE: np.sum(members, axis=0)}


def day_spread(models: tuple[Model, ...], days: int) -> FloatArray:
    """Return the day-level spread the decomposition just learned; 10 % where it took no part."""
    for model in models:
        if isinstance(model, Decomposition):
            return model.spread_
    return np.full(days, 0.1)


def run_backtest(
    series: Series,
    models: tuple[Model, ...],
    *,
    holidays: Mapping[date, str],
    opening: BoolArray | None,
    need_days: int,
    seed: int,
    step: Callable[[float], None],
) -> Backtest:
    """Forecast every fold with every model and score them over all folds together.

    Parameters
    ----------
    series
        The whole history.
    models
        What to compare.
    holidays, opening
        As in `forecast`.
    need_days
        Least calendar days of history in front of a fold.
    seed
        For models that draw.
    step
        Called with the share of folds done; may raise to stop.

    """
    folds: list[Fold] = []
    seconds: dict[str, float] = {}
    origins = fold_origins(series.calls.shape[0], need_days)
    for number, (origin, length) in enumerate(origins):
        step(number / len(origins))
        known = Series(series.first_day, series.step_s, series.calls[:origin])
        past, _ = prepare(known, days_ahead=length, holidays=holidays, opening=opening)
        task = Task(past, day_kernels(past), np.arange(origin, origin + length), seed)
        said = predict_all(models, task, seconds)
        mixed = mix(said, _weights(folds, models))
        folds.append(Fold(series.calls[origin : origin + length], mixed, day_spread(models, length)))
    weights = _weights(folds, models)
    seconds[ENSEMBLE] = sum(seconds.get(name, 0.0) for name in weights)
    return Backtest(tuple(folds), _scores(folds, seconds, week_naive_mae(series.calls)), weights)


def _weights(folds: list[Fold], models: tuple[Model, ...]) -> dict[str, float]:
    """Return WAPE^-6 of each model but the baseline: near equals share alike, a poor one hardly counts.

    Equal weights where the folds tell nothing: there is none yet, or no call came in them.
    """
    names = [model.name for model in models if model.name != BASELINE]
    if not any(np.nansum(fold.actual) > 0 for fold in folds):
        return dict.fromkeys(names, 1.0)
    return {name: max(wape, 1e-3) ** -_WEIGHT_POWER for name, wape in _wapes(folds, names).items()}


def _wapes(folds: Sequence[Fold], names: Iterable[str]) -> dict[str, float]:
    actual = np.concatenate([fold.actual for fold in folds])
    return {
        name: accuracy(actual, np.concatenate([fold.said[name] for fold in folds])).wape for name in names
    }


def _scores(folds: list[Fold], seconds: dict[str, float], naive_mae: float) -> tuple[ModelScore, ...]:
    if not folds:
        return ()
    actual = np.concatenate([fold.actual for fold in folds])
    found = []
    for name in folds[0].said:
        said = np.concatenate([fold.said[name] for fold in folds])
        wapes = tuple(accuracy(fold.actual, fold.said[name]).wape for fold in folds)
        score = accuracy(actual, said, naive_mae=naive_mae)
        found.append(ModelScore(name, score, wapes, seconds[name] / len(folds)))
    return tuple(sorted(found, key=lambda score: score.accuracy.wape))


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to use, what it was chosen by, and why in a sentence."""

    model: str
    ground: Ground
    reason: str


def choose(test: Backtest, names: tuple[str, ...]) -> Choice:
    """Return the model to use and why: the ensemble unless a single model is clearly (3 %) better.

    The folds after the first are compared: at the first the ensemble has nothing to weigh its models by.
    """
    usual = ENSEMBLE if ENSEMBLE in names else names[0]
    if not test.scores:
        return Choice(usual, "short", f"{usual}: the history is too short for a back-test")
    if np.nanmean(np.concatenate([fold.actual for fold in test.folds])) < _TELLING_MEAN:
        return Choice(usual, "sparse", f"{usual}: too few calls in an interval to tell the models apart")
    wapes = _wapes(test.folds[1:] or test.folds, names)
    best = min(wapes, key=wapes.__getitem__)
    if ENSEMBLE in wapes and wapes[best] > _CLEAR_WIN * wapes[ENSEMBLE]:
        best = ENSEMBLE
    by_name = {score.model: score.accuracy.wape for score in test.scores}
    reason = f"{best}: WAPE {by_name.pop(best):.1%} over {len(test.folds)} rolling origins"
    others = [f"{model} {wape:.1%}" for model, wape in by_name.items()]
    return Choice(best, "accuracy", f"{reason} ({', '.join(others)})" if others else reason)
