"""Made-up queues with a known mean, to forecast against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.forecasting import Series

if TYPE_CHECKING:
    from apps.algorithms.intervals import FloatArray

MONDAY = date(2024, 1, 8)
WEEK = (1.2, 1.1, 1.0, 1.0, 0.95, 0.4, 0.3)


@dataclass(frozen=True)
class Queue:
    """A history, what follows it, and the true mean of what follows."""

    history: Series
    future: FloatArray
    mean: FloatArray

    @property
    def horizon_end(self) -> datetime:
        return last_interval(self.history, self.future.shape[0])

    @property
    def floor(self) -> float:
        """WAPE of the true mean itself: counting noise."""
        return float(np.abs(self.mean - self.future).sum() / self.future.sum())


def last_interval(series: Series, days_ahead: int) -> datetime:
    midnight = datetime.combine(series.first_day, datetime.min.time())
    return midnight + timedelta(days=series.calls.shape[0] + days_ahead, seconds=-series.step_s)


def queue(
    *,
    days: int = 120,
    ahead: int = 14,
    step_s: int = 1800,
    level: float = 40.0,
    trend: float = 0.0,
    closed_weekdays: tuple[int, ...] = (),
    hours: tuple[int, int] = (0, 24),
    seed: int = 1,
) -> Queue:
    """Return a two-peaked queue with weekday factors, an exponential trend by day and 5 % day noise."""
    rng = np.random.default_rng(seed)
    hour = (np.arange(86_400 // step_s) + 0.5) * step_s / 3600
    profile = 0.05 + np.exp(-(((hour - 11) / 3) ** 2)) + 0.8 * np.exp(-(((hour - 16) / 3) ** 2))
    profile *= (hour >= hours[0]) & (hour < hours[1])
    day = np.arange(days + ahead)
    weekday = (MONDAY.weekday() + day) % 7
    mean_day = level * np.exp(trend * day) * np.array(WEEK)[weekday] * rng.normal(1, 0.05, day.size)
    mean_day = np.where(np.isin(weekday, closed_weekdays), 0.0, mean_day)
    mean = mean_day[:, None] * profile / profile.mean()
    calls = rng.poisson(mean).astype(np.float64)
    return Queue(Series(MONDAY, step_s, calls[:days]), calls[days:], mean[days:])
