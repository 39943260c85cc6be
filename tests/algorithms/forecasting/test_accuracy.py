from __future__ import annotations

import numpy as np
import pytest

from apps.algorithms.forecasting import accuracy, week_naive_mae


def test_accuracy_by_hand() -> None:
    found = accuracy(np.array([10.0, 20.0, 0.0, np.nan]), np.array([12.0, 15.0, 1.0, 7.0]), naive_mae=4.0)
    assert found.wape == pytest.approx(8 / 30)
    assert found.mape == pytest.approx((0.2 + 0.25) / 2)
    assert found.bias == pytest.approx(-2 / 30)
    assert found.mase == pytest.approx(8 / 3 / 4)
    assert found.intervals == 3


def test_nothing_known_is_undefined() -> None:
    found = accuracy(np.array([np.nan]), np.array([1.0]))
    assert np.isnan([found.wape, found.mape, found.bias, found.mase]).all()


def test_week_naive_mae_by_hand() -> None:
    calls = np.arange(8.0)[:, None]
    assert week_naive_mae(calls) == pytest.approx(7.0)
    assert np.isnan(week_naive_mae(calls[:7]))
