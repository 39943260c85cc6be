"""Prediction intervals: counting noise and day-level spread, calibrated on back-test errors."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from apps.algorithms.forecasting.backtest import Fold
    from apps.algorithms.intervals import FloatArray

_EDGES = (0.0, 0.5, 2.0, 8.0, np.inf)
_LEAST_ERRORS = 150
_WITHIN_DAY = 0.05
_ASSUMED_WIDENING = 1.1


@dataclass(frozen=True, slots=True)
class Calibration:
    """Errors of the back-test in units of the expected spread, with the volume each was made at."""

    expected: FloatArray
    error: FloatArray

    def bounds(self, expected: FloatArray, spread: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper bounds that hold `level` of such intervals.

        Parameters
        ----------
        expected
            Calls, shape (n,).
        spread
            Standard deviation of the logarithm of the day's total, shape (n,).
        level
            Share to cover, between 0 and 1.

        """
        unit = scale(expected, spread)
        lower, upper = np.zeros_like(expected), np.zeros_like(expected)
        for low, high in itertools.pairwise(_EDGES):
            inside = (expected >= low) & (expected < high)
            below, above = self._quantiles(low, high, level)
            lower[inside] = np.maximum(expected[inside] + below * unit[inside], 0.0)
            upper[inside] = np.maximum(expected[inside] + above * unit[inside], 0.0)
        return np.where(expected > 0, lower, 0.0), np.where(expected > 0, upper, 0.0)

    def _quantiles(self, low: float, high: float, level: float) -> tuple[float, float]:
        """Return the error quantiles at this volume; with lower bounds at nought all misses are above."""
        mine = (self.expected >= low) & (self.expected < high)
        errors = self.error[mine] if mine.sum() >= _LEAST_ERRORS else self.error
        if errors.size < _LEAST_ERRORS:
            reach = _ASSUMED_WIDENING * float(ndtri(0.5 + level / 2))
            return -reach, reach
        tail = (1 - level) / 2
        return float(np.quantile(errors, tail)), float(np.quantile(errors, 1 - tail))


def scale(expected: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the expected standard deviation: sqrt(m + m^2 (s^2 + 0.05^2)), Poisson in a log-normal day."""
    return np.asarray(np.sqrt(np.maximum(expected, 1e-9) + expected**2 * (spread**2 + _WITHIN_DAY**2)))


def calibrate(folds: tuple[Fold, ...], model: str) -> Calibration:
    """Collect the errors of one model over all folds, open intervals only."""
    if not folds:
        return Calibration(np.zeros(0), np.zeros(0))
    expected = np.concatenate([fold.said[model].ravel() for fold in folds])
    actual = np.concatenate([fold.actual.ravel() for fold in folds])
    spread = np.concatenate([np.repeat(fold.spread, fold.actual.shape[1]) for fold in folds])
    known = np.isfinite(actual) & (expected > 0)
    expected = expected[known]
    return Calibration(expected, (actual[known] - expected) / scale(expected, spread[known]))


def coverage(folds: tuple[Fold, ...], model: str, level: float) -> float:
    """Return the share of open intervals held by bands calibrated on the folds before; NaN for one fold.

    The first fold only calibrates: nothing was known before it.
    """
    held, count = 0, 0
    for number, fold in enumerate(folds[1:], start=1):
        before = calibrate(folds[:number], model)
        expected = fold.said[model].ravel()
        lower, upper = before.bounds(expected, np.repeat(fold.spread, fold.actual.shape[1]), level)
        actual = fold.actual.ravel()
        known = np.isfinite(actual) & (expected > 0)
        held += int(((actual >= lower) & (actual <= upper))[known].sum())
        count += int(known.sum())
    return held / count if count else np.nan
