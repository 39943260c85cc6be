"""A Gaussian process of days: level, weekday, place in the month, reopening, year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg
import scipy.optimize

if TYPE_CHECKING:
    from apps.algorithms.forecasting.past import Past
    from apps.algorithms.intervals import FloatArray, IntArray

_DOUBT = 1.5
_WIDE_DOUBT = 3.0
_OUTLYING = 3.5
_FIT_DAYS = 300
_YEAR_DAYS = 365.25
_MONTH = 31
_YEARLY_FROM_DAYS = 500
_TREND_FROM_DAYS = 56


@dataclass(frozen=True, slots=True)
class DayKernels:
    """Covariances between days, one per source of variation.

    Attributes
    ----------
    names
        Sources of variation.
    kernels
        Unit-variance covariances, shape (components, N, N).
    prior
        Expected variance of each component as a share of the variance of the fitted series.
    doubt
        Standard deviation of the logarithm of that expectation.

    """

    names: tuple[str, ...]
    kernels: FloatArray
    prior: FloatArray
    doubt: FloatArray


@dataclass(frozen=True, slots=True)
class DayFit:
    """Variances found for a series of days: log variance of each kernel and, last, of the noise."""

    log_variance: FloatArray


def day_kernels(past: Past) -> DayKernels:
    """Lay out the covariances for all days of the calendar.

    Components: level as a random walk and as Ornstein-Uhlenbeck processes of 3 and 20 days; a damped linear
    trend; weekday, fixed and drifting over 60 days; day of the month; open days since and until the turn of
    the month; reopening after a closed day; the year (only from 500 days of history).

    The walk and the trend have small prior variances: on real series a level that returns to its mean
    forecasts weeks ahead better, and a series that does wander or grow says so in its likelihood.
    """
    day = (past.ordinal - past.ordinal[0]).astype(np.float64)
    apart = np.abs(day[:, None] - day[None, :])
    weekday = (past.weekday[:, None] == past.weekday[None, :]).astype(np.float64)
    trend = _damped_days(day, past.days)
    parts = [
        ("walk", np.minimum(day[:, None], day[None, :]) / 100.0, 0.01),
        ("weeks", np.exp(-apart / 20.0), 0.1),
        ("days", np.exp(-apart / 3.0), 0.1),
        ("weekday", weekday, 0.5),
        ("weekday drift", weekday * np.exp(-apart / 60.0), 0.05),
        ("month day", _near(_month_day(past), 2.0), 0.02),
        ("month turn", _near(_month_turn(past), 2.0), 0.1),
        ("reopening", np.outer(past.reopens, past.reopens).astype(np.float64), 0.5),
    ]
    if past.days >= _TREND_FROM_DAYS:
        parts.append(("trend", np.outer(trend, trend) / 100.0**2, 0.003))
    if past.days >= _YEARLY_FROM_DAYS:
        parts.append(("year", np.exp(-2 * np.sin(np.pi * apart / _YEAR_DAYS) ** 2 / 0.4**2), 0.2))
    names, kernels, prior = zip(*parts, strict=True)
    doubt = np.array([_WIDE_DOUBT if name in {"walk", "trend"} else _DOUBT for name in names])
    return DayKernels(names, np.stack(kernels), np.array(prior), doubt)


def _damped_days(day: FloatArray, history: int) -> FloatArray:
    """Return days since the middle of the history; past its end a day adds ever less (sum of 0.98^k)."""
    ahead = np.maximum(day - (history - 1), 0.0)
    damped = (1 - 0.98**ahead) / (1 - 0.98) * 0.98
    return np.minimum(day, history - 1) + damped - (history - 1) / 2


def _near(place: FloatArray, length: float) -> FloatArray:
    """Return the exponential covariance exp(-distance / length) of points in the plane, shape (N, N)."""
    squared = ((place[:, None, :] - place[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-np.sqrt(squared) / length))


def month_place(past: Past) -> tuple[IntArray, IntArray]:
    """Return calendar days since the first and until the last of the month, shape (N,) each."""
    dates = (past.ordinal - 719_163).astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    first = month.astype("datetime64[D]").astype(np.int64)
    following = (month + 1).astype("datetime64[D]").astype(np.int64)
    number = dates.astype(np.int64)
    return number - first, following - 1 - number


def _month_day(past: Past) -> FloatArray:
    """Return days since the first and until the last of the month, each at most 16, shape (N, 2)."""
    since, until = month_place(past)
    return np.minimum(np.stack([since, until], axis=1), 16).astype(np.float64)


def _month_turn(past: Past) -> FloatArray:
    """Return open days since the first and until the last of the month, each at most 6, shape (N, 2).

    Outside the calendar weekdays are open as usual.
    """
    since, until = month_place(past)
    around = (past.weekday[0] - _MONTH + np.arange(past.weekday.size + 2 * _MONTH)) % 7
    is_open = np.asarray(past.opening.any(axis=1), dtype=np.bool_)[around]
    is_open[_MONTH:-_MONTH] &= past.share > 0
    passed = np.concatenate([[0], np.cumsum(is_open)])
    index = _MONTH + np.arange(past.weekday.size)
    before = passed[index] - passed[index - since]
    after = passed[index + 1 + until] - passed[index + 1]
    return np.asarray(np.minimum(np.stack([before, after], axis=1), 6), dtype=np.float64)


def fit_days(
    kernels: DayKernels,
    days: IntArray,
    value: FloatArray,
    extra_noise: FloatArray,
    start: DayFit | None = None,
) -> DayFit:
    """Find the component variances of greatest posterior density (log-normal priors, L-BFGS, exact gradient).

    Of a long history the last 300 days are used.

    Parameters
    ----------
    kernels
        Covariances of all N days.
    days
        Indices of the known days, shape (n,).
    value
        Centred values, shape (n,).
    extra_noise
        Variance known beforehand (counting noise), shape (n,).
    start
        Where to begin; the prior otherwise.

    """
    days, value, extra_noise = days[-_FIT_DAYS:], value[-_FIT_DAYS:], extra_noise[-_FIT_DAYS:]
    parts = np.concatenate([kernels.kernels[:, days[:, None], days], np.eye(days.size)[None]])
    spread = max(float(value.var()), 1e-8)
    prior = np.log(np.append(kernels.prior, 0.2) * spread)
    doubt = np.append(kernels.doubt, _DOUBT)
    begin = prior if start is None or start.log_variance.size != prior.size else start.log_variance
    flat = parts.reshape(parts.shape[0], -1)

    def cost(log_variance: FloatArray) -> tuple[float, FloatArray]:
        variance = np.exp(log_variance)
        covariance = (variance @ flat).reshape(days.size, days.size)
        covariance[np.diag_indices(days.size)] += extra_noise + 1e-6 * spread
        covariance += spread
        factor = scipy.linalg.cho_factor(covariance, lower=True, check_finite=False)
        inverse = scipy.linalg.cho_solve(factor, np.eye(days.size), check_finite=False)
        alpha = inverse @ value
        inside = (inverse - np.outer(alpha, alpha)).ravel()
        gradient = 0.5 * variance * (flat @ inside) + (log_variance - prior) / doubt**2
        likelihood = 0.5 * value @ alpha + np.log(np.diag(factor[0])).sum()
        return float(likelihood + 0.5 * (((log_variance - prior) / doubt) ** 2).sum()), gradient

    bounds = [(centre - 8.0, centre + 8.0) for centre in prior]
    found = scipy.optimize.minimize(
        cost,
        begin,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 30 if start is None else 8},
    )
    return DayFit(np.asarray(found.x, dtype=np.float64))


def predict_days(
    kernels: DayKernels,
    fit: DayFit,
    days: IntArray,
    value: FloatArray,
    extra_noise: FloatArray,
    target: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Return posterior mean and variance (noise included) on `target` days, both of shape (m,).

    Days far from what the others say of them (beyond 3.5 standard deviations) weigh less.
    """
    variance = np.exp(fit.log_variance)
    mixed = np.tensordot(variance[:-1], kernels.kernels[:, days], axes=1)
    constant = max(float(value.var()), 1e-8)
    covariance = mixed[:, days] + constant + np.diag(extra_noise + variance[-1] + 1e-6 * constant)
    factor, inverse_diagonal = _factor(covariance)
    left_out = scipy.linalg.cho_solve(factor, value, check_finite=False) / np.sqrt(inverse_diagonal)
    excess = np.maximum((left_out / _OUTLYING) ** 2 - 1, 0.0) / inverse_diagonal
    if excess.any():
        factor = scipy.linalg.cho_factor(covariance + np.diag(excess), lower=True, check_finite=False)
    across = mixed[:, target] + constant
    own = np.einsum("c,ct->t", variance[:-1], kernels.kernels[:, target, target]) + constant
    half = scipy.linalg.solve_triangular(factor[0], across, lower=True, check_finite=False)
    mean = across.T @ scipy.linalg.cho_solve(factor, value, check_finite=False)
    return np.asarray(mean), np.maximum(own - (half**2).sum(axis=0), 0.0) + variance[-1]


def _factor(covariance: FloatArray) -> tuple[tuple[FloatArray, bool], FloatArray]:
    """Return the Cholesky factor of a covariance and the diagonal of its inverse."""
    factor = scipy.linalg.cho_factor(covariance, lower=True, check_finite=False)
    inverse, _ = scipy.linalg.lapack.dpotri(factor[0], lower=1)
    return factor, np.diag(inverse)
