"""The models: each turns a history of ordinary days into ordinary-day calls for the days asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.stats import poisson

from apps.algorithms.forecasting.daylevel import DayFit, DayKernels, fit_days, predict_days
from apps.algorithms.forecasting.past import Past, weekday_profile

if TYPE_CHECKING:
    from apps.algorithms.intervals import FloatArray, IntArray

_WEEK = 7
_ROOT_SHIFT = 0.25
_CLOSURE_WEIGHT = 0.5
_SHAPE_DAYS = 400


@dataclass(frozen=True, slots=True)
class Task:
    """A history and the days to forecast: indices into the calendar of `past`, shape (m,)."""

    past: Past
    kernels: DayKernels
    target: IntArray
    seed: int


class Model(Protocol):
    """A way to forecast; keeps what it learned as a start for the next, longer history."""

    name: str

    def predict(self, task: Task) -> FloatArray:
        """Return the calls of the target days as if all were ordinary, shape (m, S)."""


def fill_by_profile(past: Past) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the usable days (n,), their calls with holes filled by profile (n, S), and their totals (n,)."""
    total, _ = past.totals()
    days = np.flatnonzero(np.isfinite(total))
    expected = weekday_profile(past)[past.weekday[days]] * total[days, None]
    seen = past.calls[days]
    return days, np.where(np.isfinite(seen), seen, expected), total[days]


def mean_of_root(root: FloatArray) -> FloatArray:
    """Return the Poisson mean m whose E sqrt(N + 1/4) is `root`; root^2 is right only for large counts."""
    means, roots = _root_table()
    return np.asarray(np.where(root < roots[-1], np.interp(root, roots, means), root**2))


@lru_cache(maxsize=1)
def _root_table() -> tuple[FloatArray, FloatArray]:
    means = np.concatenate([np.arange(0.0, 5.0, 0.02), np.arange(5.0, 60.5, 0.5)])
    counts = np.arange(200)
    return means, np.asarray(poisson.pmf(counts, means[:, None]) @ np.sqrt(counts + _ROOT_SHIFT))


class WeekNaive:
    """The last known same weekday: the baseline."""

    name = "week_naive"

    def predict(self, task: Task) -> FloatArray:
        past = task.past
        days, filled, _ = fill_by_profile(past)
        found = np.zeros((task.target.size, past.calls.shape[1]))
        for row, day in enumerate(task.target):
            same = days[(past.weekday[days] == past.weekday[day]) & (days < day)]
            if same.size:
                found[row] = filled[np.searchsorted(days, same[-1])]
        return found


class Decomposition:
    """Day totals by Gaussian process on logarithms, spread over the day by weekday profile.

    Attributes
    ----------
    spread_
        Standard deviation of the logarithm of each target day's total, from the last `predict`.

    """

    name = "decomposition"

    def __init__(self, half_life_days: float = 45.0) -> None:
        self.half_life_days = half_life_days
        self.fit_: DayFit | None = None
        self.spread_: FloatArray = np.zeros(0)

    def predict(self, task: Task) -> FloatArray:
        total, _ = task.past.totals()
        days = np.flatnonzero(np.isfinite(total))
        log_total, noise = np.log(total[days]), 1.0 / total[days]
        centre = log_total.mean()
        self.fit_ = fit_days(task.kernels, days, log_total - centre, noise, self.fit_)
        mean, variance = predict_days(task.kernels, self.fit_, days, log_total - centre, noise, task.target)
        self.spread_ = np.sqrt(variance)
        profile = weekday_profile(task.past, half_life_days=self.half_life_days)
        return np.asarray(np.exp(centre + mean)[:, None] * profile[task.past.weekday[task.target]])


class Factors:
    """Singular vectors of root counts; each score is a Gaussian process of days.

    The first score is the level and uses the whole history; those of the shape use the last 400 days.

    References
    ----------
    Shen and Huang (2008), "Interday forecasting and intraday updating of call center arrivals", M&SOM 10.

    """

    name = "factors"

    def __init__(self, rank: int = 5) -> None:
        self.rank = rank
        self.fits_: dict[int, DayFit] = {}

    def predict(self, task: Task) -> FloatArray:
        past = task.past
        days, filled, _ = fill_by_profile(past)
        root = np.sqrt(filled + _ROOT_SHIFT) * past.opening[past.weekday[days]]
        left, size, right = np.linalg.svd(root, full_matrices=False)
        found = np.zeros((task.target.size, root.shape[1]))
        for index in range(min(self.rank, size.size)):
            recent = slice(None if index == 0 else -_SHAPE_DAYS, None)
            score = left[recent, index] * size[index]
            score, direction = (score, right[index]) if score.sum() >= 0 else (-score, -right[index])
            centred = score - score.mean()
            noise = np.full(score.size, _ROOT_SHIFT)
            fit = fit_days(task.kernels, days[recent], centred, noise, self.fits_.get(index))
            self.fits_[index] = fit
            mean, _ = predict_days(task.kernels, fit, days[recent], centred, noise, task.target)
            found += np.outer(score.mean() + mean, direction)
        return np.where(past.opening[past.weekday[task.target]], mean_of_root(found), 0.0)


class Smoothing:
    """Exponential smoothing of the level and of each weekday's factor and profile; the last level stays."""

    name = "smoothing"

    def __init__(self, level_weight: float = 0.2, profile_weight: float = 0.15) -> None:
        self.level_weight = level_weight
        self.profile_weight = profile_weight

    def predict(self, task: Task) -> FloatArray:
        past = task.past
        days, filled, total = fill_by_profile(past)
        age_weeks = (days[-1] - days) / _WEEK
        fade = (1 - self.profile_weight) ** age_weeks
        recent = (1 - self.level_weight) ** age_weeks
        weekday = past.weekday[days]
        group = np.eye(_WEEK)[:, weekday]
        log_total = np.log(total)
        factor = (group * fade) @ log_total / np.maximum((group * fade).sum(axis=1), 1e-12)
        for _ in range(3):
            level = self._level(log_total - factor[weekday], age_weeks)
            factor = (group * fade) @ (log_total - level) / np.maximum((group * fade).sum(axis=1), 1e-12)
        pent_up = self._pent_up(past, days, log_total - factor[weekday] - level)
        last = float(np.average(log_total - factor[weekday], weights=recent))
        profile = (
            (group * fade)
            @ (filled / total[:, None])
            / np.maximum((group * fade).sum(axis=1)[:, None], 1e-12)
        )
        wanted = past.weekday[task.target]
        known = np.isin(wanted, weekday)
        day_level = np.exp(last + factor[wanted] + pent_up[task.target])
        return np.where(known[:, None], day_level[:, None] * profile[wanted], 0.0)

    def _pent_up(self, past: Past, days: IntArray, residual: FloatArray) -> FloatArray:
        """Return what a day after an unusual closure adds to the logarithm of its total, shape (N,)."""
        unusual = past.reopens & np.r_[False, past.usually_open[:-1]]
        seen = residual[unusual[days]]
        return np.where(unusual, seen.sum() / (seen.size + _CLOSURE_WEIGHT), 0.0)

    def _level(self, residual: FloatArray, age_weeks: FloatArray) -> FloatArray:
        """Smooth the residual over weeks in both directions, shape (n,)."""
        near = (1 - self.level_weight) ** np.abs(age_weeks[:, None] - age_weeks[None, :])
        return np.asarray(near @ residual / near.sum(axis=1))
