from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.forecasts.services.computing import split_evenly

LEVEL = 0.8
Z80 = 1.2815515655446004  # 90 % point of the normal distribution


def test_counting_noise_alone_falls_with_the_root_of_the_parts() -> None:
    calls = np.array([400.0])
    width = Z80 * 20.0
    mean, low, high = split_evenly(calls, calls - width, calls + width, 4, LEVEL)
    assert mean == pytest.approx([100] * 4)
    assert high - mean == pytest.approx([Z80 * 10] * 4)
    assert mean - low == pytest.approx([Z80 * 10] * 4)


def test_noise_of_the_rate_falls_with_the_parts() -> None:
    calls, sd = np.array([400.0]), 200.0
    width = Z80 * np.hypot(20.0, sd)
    _mean, _low, high = split_evenly(calls, calls - width, calls + width, 2, LEVEL)
    assert high - 200 == pytest.approx([Z80 * np.sqrt(200 + (sd / 2) ** 2)] * 2)


@given(
    st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 1000)), min_size=1, max_size=20),
    st.integers(1, 12),
)
def test_the_mean_is_kept_and_bounds_stay_in_order(rows: list[tuple[float, float]], parts: int) -> None:
    calls, width = np.array(rows).T
    lower, upper = np.maximum(calls - width, 0), calls + width
    mean, low, high = split_evenly(calls, lower, upper, parts, LEVEL)
    assert mean.reshape(-1, parts).sum(axis=1) == pytest.approx(calls)
    assert (low >= 0).all()
    assert (low <= mean + 1e-9).all()
    assert (mean <= high + 1e-9).all()
    assert (high - mean <= np.repeat(upper - calls, parts) + 1e-6).all(), "no wider than the whole"
