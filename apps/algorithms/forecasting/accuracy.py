"""Accuracy of a forecast against fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.forecasting.types import Accuracy

if TYPE_CHECKING:
    from apps.algorithms.intervals import FloatArray

_DAYS_PER_WEEK = 7


def accuracy(actual: FloatArray, forecast: FloatArray, *, naive_mae: float = np.nan) -> Accuracy:
    """Compare a forecast with fact over the intervals where both are known.

    Parameters
    ----------
    actual, forecast
        Contacts per interval, same shape; NaN where unknown.
    naive_mae
        Mean absolute error of the week-naive forecast inside the history, the unit of MASE
        (see `week_naive_mae`).

    Returns
    -------
    Accuracy
        WAPE = sum|a - f| / sum a; MAPE = mean |a - f| / a over intervals with a > 0;
        bias = sum(f - a) / sum a; MASE = mean|a - f| / naive_mae (Hyndman and Koehler, 2006).

    """
    known = np.isfinite(actual) & np.isfinite(forecast)
    fact, said = actual[known], forecast[known]
    error = np.abs(said - fact)
    total = float(fact.sum())
    positive = fact > 0
    return Accuracy(
        wape=float(error.sum()) / total if total else np.nan,
        mape=float((error[positive] / fact[positive]).mean()) if positive.any() else np.nan,
        bias=float((said - fact).sum()) / total if total else np.nan,
        mase=float(error.mean()) / naive_mae if error.size and naive_mae > 0 else np.nan,
        intervals=int(fact.size),
    )


def week_naive_mae(calls: FloatArray) -> float:
    """Return the mean |y(t) - y(t - 7 days)| of a (days, slots) history; NaN if no such pair is known."""
    difference = np.abs(calls[_DAYS_PER_WEEK:] - calls[:-_DAYS_PER_WEEK])
    return float(np.nanmean(difference)) if np.isfinite(difference).any() else np.nan
