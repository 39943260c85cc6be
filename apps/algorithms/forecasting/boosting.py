"""Gradient boosting of intervals relative to a robust weekly level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from apps.algorithms.forecasting.daylevel import month_place
from apps.algorithms.forecasting.models import fill_by_profile

if TYPE_CHECKING:
    from apps.algorithms.forecasting.models import Task
    from apps.algorithms.forecasting.past import Past
    from apps.algorithms.intervals import FloatArray, IntArray

_MOST_ROWS = 40_000


class Boosting:
    """Poisson trees on weekday, slot, place in the month and reopening, times the level of the last weeks."""

    name = "boosting"

    def __init__(self, rounds: int = 120) -> None:
        self.rounds = rounds

    def predict(self, task: Task) -> FloatArray:
        past = task.past
        days, filled, total = fill_by_profile(past)
        level = _level(past, days, total)
        open_slots = past.opening[past.weekday[days]]
        rows = np.argwhere(open_slots)[-_MOST_ROWS:]
        ratio = filled[rows[:, 0], rows[:, 1]] / level[rows[:, 0]]
        trees = HistGradientBoostingRegressor(
            loss="poisson", max_iter=self.rounds, learning_rate=0.08, max_leaf_nodes=31,
            min_samples_leaf=20, l2_regularization=1.0, random_state=task.seed,
        )  # fmt: skip
        trees.fit(
            _features(past, days[rows[:, 0]], rows[:, 1]), ratio * 1000.0, sample_weight=level[rows[:, 0]]
        )
        wanted = np.argwhere(past.opening[past.weekday[task.target]])
        found = np.zeros((task.target.size, past.calls.shape[1]))
        if wanted.size:
            said = trees.predict(_features(past, task.target[wanted[:, 0]], wanted[:, 1]))
            found[wanted[:, 0], wanted[:, 1]] = said * level[-1] / 1000.0
        return found


def _level(past: Past, days: IntArray, total: FloatArray) -> FloatArray:
    """Return the level (calls a day) two to four weeks around each day, one-sided at the end, shape (n,)."""
    weekday = past.weekday[days]
    log_total = np.log(total)
    factor = np.array(
        [np.median(log_total[weekday == day]) if (weekday == day).any() else 0.0 for day in range(7)]
    )
    residual = log_total - factor[weekday]
    near = np.exp(-np.abs(days[:, None] - days[None, :]) / 14.0)
    return np.asarray(np.exp(near @ residual / near.sum(axis=1) + factor.mean()))


def _features(past: Past, days: IntArray, slots: IntArray) -> FloatArray:
    since, until = month_place(past)
    weekday = past.weekday[days]
    return np.stack(
        [
            weekday,
            slots,
            weekday * past.calls.shape[1] + slots,
            np.minimum(since[days], 15),
            np.minimum(until[days], 15),
            past.reopens[days],
        ],
        axis=1,
    ).astype(np.float64)
