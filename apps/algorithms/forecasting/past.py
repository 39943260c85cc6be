"""What every model reads: the cleaned history and the calendar of history and horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from apps.algorithms.intervals import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Past:
    """A history of D days followed by a horizon, N days in all, S slots a day.

    Attributes
    ----------
    calls
        Ordinary days, shape (D, S); NaN where unknown, on special and on outlying days; 0 in closed slots.
    ordinal
        Proleptic day number of each day, shape (N,).
    weekday
        Monday = 0, shape (N,).
    opening
        Open slots of each weekday, shape (7, S).
    share
        Expected share of an ordinary day (special days differ from 1), shape (N,).
    reopens
        The day before was a closed day, shape (N,).

    """

    calls: FloatArray
    ordinal: IntArray
    weekday: IntArray
    opening: BoolArray
    share: FloatArray
    reopens: BoolArray

    @property
    def days(self) -> int:
        return int(self.calls.shape[0])

    @property
    def usually_open(self) -> BoolArray:
        """Days whose weekday has an open slot, shape (N,)."""
        weekdays: BoolArray = np.asarray(self.opening.any(axis=1))
        return np.asarray(weekdays[self.weekday])

    def totals(self) -> tuple[FloatArray, FloatArray]:
        """Return each history day's total and the share of it that was observed, both shape (D,).

        A day's missing slots are filled in proportion to the usual profile of its weekday; the total is NaN
        where less than half of the day is known or nobody called.
        """
        profile = weekday_profile(self)[self.weekday[: self.days]]
        known = np.isfinite(self.calls)
        seen_share = (profile * known).sum(axis=1)
        total = np.nansum(self.calls, axis=1)
        usable = (seen_share >= 0.5) & (total > 0)  # noqa: PLR2004 - half of what is expected
        return np.where(usable, total / np.maximum(seen_share, 0.5), np.nan), seen_share


def weekday_profile(past: Past, *, half_life_days: float = 120.0, pool_days: float = 1.0) -> FloatArray:
    """Return the share of a day's calls that falls in each slot, by weekday.

    Recent days weigh more; a weekday is pooled with the others by `pool_days` days of their average.

    Returns
    -------
    FloatArray
        Shape (7, S), rows sum to 1 (to 0 for closed weekdays).

    """
    weekday = past.weekday[: past.days]
    weight = 0.5 ** ((past.days - 1 - np.arange(past.days)) / half_life_days)
    known = np.isfinite(past.calls)
    value = np.where(known, past.calls, 0.0)
    groups = np.eye(7)[:, weekday] * weight
    level = (groups @ value) / np.maximum(groups @ known, 1e-12)
    pooled = (weight @ value) / np.maximum(weight @ known, 1e-12)
    pooled_sum = np.maximum((pooled * past.opening).sum(axis=1, keepdims=True), 1e-12)
    prior = pooled * level.sum(axis=1, keepdims=True) / pooled_sum
    days_known = groups @ known
    mixed = np.where(past.opening, (level * days_known + pool_days * prior) / (days_known + pool_days), 0.0)
    whole = mixed.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(mixed, whole, out=np.zeros_like(mixed), where=whole > 0))
