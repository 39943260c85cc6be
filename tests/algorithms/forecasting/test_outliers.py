"""Fences around what is usual: found by construction, by properties, and against the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from apps.algorithms.forecasting import find_fences
from apps.algorithms.forecasting.outliers import COUNTING_IQR, INNER, OUTER, WEEKS

DAYS = 7 * (2 * WEEKS + 3)


def ordinary(seed: int = 1, slots: int = 24) -> np.ndarray:
    mean = 30 + 20 * np.sin(np.arange(slots) / 4)
    weekday = 1 + 0.1 * (np.arange(DAYS) % 7)
    return np.random.default_rng(seed).poisson(weekday[:, None] * mean).astype(float)


def test_a_peak_and_a_hole_lie_beyond_the_outer_fence_and_little_else() -> None:
    calls = ordinary()
    calls[40, 10], calls[50, 3] = 400, 0
    fences = find_fences(calls)
    assert fences.severity[40, 10] == fences.severity[50, 3] == 2
    assert (fences.severity == 2).sum() <= 4
    assert (fences.severity >= 1).mean() < 0.02
    assert fences.outer_high[40, 10] < 120


def test_neighbours_are_the_same_slot_of_the_same_weekday_five_weeks_to_each_side() -> None:
    calls = np.full((DAYS, 1), np.nan)
    day = 7 * (WEEKS + 1)
    calls[day] = 50
    around = [day + 7 * week for week in range(-WEEKS, WEEKS + 1) if week]
    calls[around, 0] = np.arange(10.0, 20.0)
    calls[[day - 7 * (WEEKS + 1), day + 7 * (WEEKS + 1), day - 1, day + 1], 0] = 1000
    fences = find_fences(calls)
    assert fences.neighbours[day, 0] == 2 * WEEKS
    assert (fences.expected[day, 0], fences.average[day, 0]) == (14.5, 14.5)


def test_the_fences_are_quartiles_and_interquartile_ranges_of_the_residuals() -> None:
    calls = ordinary(7)
    fences = find_fences(calls)
    scaled = 2 * np.sqrt(calls + 0.375)
    level = 2 * np.sqrt(fences.expected + 0.375)
    low, high = np.quantile(scaled - level, (0.25, 0.75))
    spread = high - low
    assert spread > COUNTING_IQR
    for reach, above in ((INNER, fences.inner_high), (OUTER, fences.outer_high)):
        assert above == pytest.approx(np.square(level + high + reach * spread) / 4 - 0.375)


def test_quiet_queues_have_the_width_of_counting_though_their_values_repeat() -> None:
    calls = np.zeros((DAYS, 4))
    calls[30, 2], calls[31, 1] = 2, 40
    fences = find_fences(calls)
    assert fences.severity[30, 2] < 2 == fences.severity[31, 1]


def test_too_few_neighbours_tell_nothing() -> None:
    calls = np.full((10, 2), 5.0)
    calls[9] = 500
    fences = find_fences(calls)
    assert not fences.severity.any()
    assert np.isnan(fences.expected).all()


def test_corrected_values_do_not_widen_the_yardstick() -> None:
    calls = ordinary(3)
    calls[33:36] = 500
    cleaned = calls.copy()
    cleaned[33:36] = np.nan
    fences = find_fences(calls, cleaned)
    assert (fences.severity[33:36] == 2).all()
    assert fences.neighbours[33 + 7].max() == fences.neighbours[32 + 7].max() - 1


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        find_fences(np.full((20, 1), -1.0))
    with pytest.raises(ValueError, match="cannot be compared"):
        find_fences(np.ones((20, 1)), np.ones((20, 2)))


@settings(max_examples=30, deadline=None)
@given(
    arrays.arrays(np.float64, (42, 2), elements=st.integers(0, 300).map(float)),
    st.sets(st.integers(0, 83), max_size=30),
)
def test_the_fences_lie_in_order_and_hold_what_is_ordinary(calls: np.ndarray, gaps: set[int]) -> None:
    calls.ravel()[sorted(gaps)] = np.nan
    fences = find_fences(calls)
    known = np.isfinite(fences.expected)
    for low, high in (
        (fences.outer_low, fences.inner_low),
        (fences.inner_low, fences.inner_high),
        (fences.inner_high, fences.outer_high),
    ):
        assert (low[known] <= high[known]).all()
    plain = known & np.isfinite(calls) & (fences.severity == 0)
    tolerance = 1e-9
    assert (calls[plain] >= fences.inner_low[plain] - tolerance).all()
    assert (calls[plain] <= fences.inner_high[plain] + tolerance).all()
    assert not fences.severity[~np.isfinite(calls)].any()
