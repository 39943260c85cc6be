"""Two-week forecasts of the real series: the figures the product promises, on a few origins."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from apps.algorithms.forecasting import Series, accuracy, country_holidays, forecast
from tests.algorithms.forecasting.real_data import bank_1999, bank_2003
from tests.algorithms.forecasting.synthetic import last_interval

if TYPE_CHECKING:
    from collections.abc import Callable

AHEAD = 14


def held_back(series: Series, country: str, back: int) -> tuple[float, float, float]:
    """Return WAPE of ours and of week-naive, and the share of open intervals in the 80 % band."""
    origin = series.calls.shape[0] - back
    known = Series(series.first_day, series.step_s, series.calls[:origin])
    named = country_holidays(country, [series.first_day.year])
    result = forecast(known, horizon_end=last_interval(known, AHEAD), holidays=named)
    fact = series.calls[origin : origin + AHEAD].ravel()
    band = result.bands[0.8]
    size = fact.size
    judged = np.isfinite(fact) & ~result.closed[-size:]
    naive = np.tile(known.calls[-7:], (2, 1)).ravel()
    held = ((fact >= band.lower[-size:]) & (fact <= band.upper[-size:]))[judged].mean()
    return accuracy(fact, result.calls[-size:]).wape, accuracy(fact, naive).wape, float(held)


@pytest.mark.parametrize(
    ("series", "country", "origins", "limit"),
    [(bank_2003, "US", (14, 28, 42), 0.065), (bank_1999, "IL", (14, 42), 0.205)],
)
def test_two_weeks_ahead(
    series: Callable[[], Series], country: str, origins: tuple[int, ...], limit: float
) -> None:
    begin = time.process_time()
    found = np.array([held_back(series(), country, back) for back in origins])
    assert (time.process_time() - begin) / len(origins) < 10
    ours, naive, held = found.mean(axis=0)
    assert ours < limit
    assert (found[:, 0] < found[:, 1]).all()
    assert ours < 0.8 * naive
    assert 0.72 <= held <= 0.90
