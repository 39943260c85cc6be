from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from apps.algorithms.forecasting import ForecastError, forecast_aht
from tests.algorithms.forecasting.synthetic import MONDAY

START = datetime.fromisoformat("2024-03-04")


def aht(calls: np.ndarray, handle_s: np.ndarray, count: int = 48) -> np.ndarray:
    return forecast_aht(MONDAY, 1800, calls, handle_s, start=START, count=count)


def test_a_constant_handle_time_stays() -> None:
    calls = np.random.default_rng(1).poisson(5, (56, 48)).astype(float)
    np.testing.assert_allclose(aht(calls, calls * 184), 184)


def test_busy_slots_keep_their_own_and_rare_ones_the_overall_mean() -> None:
    calls = np.full((56, 48), 200.0)
    calls[:, :12] = 0
    calls[0, 3] = 1
    handle_s = calls * 180
    handle_s[:, 40:] = calls[:, 40:] * 240
    handle_s[0, 3] = 3600
    found = aht(calls, handle_s)
    overall = handle_s.sum() / calls.sum()
    assert found[41] == pytest.approx(240, rel=0.02)
    assert found[20] == pytest.approx(180, rel=0.02)
    assert found[3] == pytest.approx(overall, rel=0.1)


def test_weekdays_differ() -> None:
    calls = np.full((56, 48), 100.0)
    handle_s = calls * 180
    handle_s[5::7] = calls[5::7] * 300
    found = aht(calls, handle_s, count=48 * 7)
    assert found[:48].mean() == pytest.approx(180, rel=0.05)
    assert found[5 * 48 : 6 * 48].mean() == pytest.approx(300, rel=0.15)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ForecastError, match="no answered call"):
        aht(np.zeros((7, 48)), np.zeros((7, 48)))
    with pytest.raises(ForecastError, match="negative"):
        aht(np.ones((7, 48)), -np.ones((7, 48)))
    with pytest.raises(ForecastError, match="match"):
        aht(np.ones((7, 48)), np.ones((7, 24)))
