from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.algorithms.forecasting import Series, SeriesError

STEP = np.timedelta64(300, "s")
START = np.datetime64("2024-01-08T07:00:00")


def rows(count: int) -> np.ndarray:
    return START + STEP * np.arange(count)


def test_finer_rows_are_summed_to_the_step() -> None:
    series = Series.from_rows(rows(6), np.arange(6.0), step_s=900)
    assert series.first_day == date(2024, 1, 8)
    assert series.calls.shape == (1, 96)
    assert series.calls[0, 28:30].tolist() == [3.0, 12.0]
    assert np.isnan(series.calls[0, 30])
    assert series.end == datetime.fromisoformat("2024-01-08T07:30")


@given(st.permutations(range(24)))
def test_order_of_rows_does_not_matter(order: list[int]) -> None:
    calls = np.arange(24.0)
    shuffled = Series.from_rows(rows(24)[order], calls[order], step_s=900)
    np.testing.assert_array_equal(shuffled.calls, Series.from_rows(rows(24), calls, step_s=900).calls)


def test_a_slot_that_is_short_every_day_is_whole_but_a_broken_one_is_unknown() -> None:
    days = [np.datetime64(f"2024-01-{day:02d}T20:30:00") for day in (8, 9, 10)]
    starts = np.concatenate([day + STEP * np.arange(4) for day in days])
    kept = np.delete(starts, 1)
    series = Series.from_rows(kept, np.ones(kept.size), step_s=900)
    np.testing.assert_array_equal(series.calls[:, 82], [np.nan, 3.0, 3.0])
    np.testing.assert_array_equal(series.calls[:, 83], [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("starts", "calls", "row", "reason"),
    [
        (rows(3), [1.0, -1.0, 2.0], 1, "not a number of calls"),
        (rows(3), [1.0, 2.0, np.nan], 2, "not a number of calls"),
        (rows(3)[[0, 1, 1]], [1.0, 2.0, 3.0], 2, "repeated"),
        (rows(6) + np.array([0, 0, 60, 0, 0, 0], dtype="timedelta64[s]"), [1.0] * 6, 2, "grid"),
        (rows(0), [], 0, "empty"),
    ],
)
def test_a_broken_row_is_named(starts: np.ndarray, calls: list[float], row: int, reason: str) -> None:
    with pytest.raises(SeriesError, match=reason) as caught:
        Series.from_rows(starts, np.array(calls), step_s=900)
    assert caught.value.row == row


def test_a_step_finer_than_the_rows_is_refused() -> None:
    with pytest.raises(SeriesError, match="cannot be summed"):
        Series.from_rows(rows(10), np.ones(10), step_s=60)


def test_a_grid_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(SeriesError, match="do not fit"):
        Series(date(2024, 1, 8), 900, np.ones((3, 48)))
