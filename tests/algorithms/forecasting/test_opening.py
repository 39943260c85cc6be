from __future__ import annotations

import numpy as np
import pytest

from apps.algorithms.forecasting import Series, forecast
from apps.algorithms.forecasting.opening import fill_unlisted, forget_old_hours, infer_opening
from tests.algorithms.forecasting.synthetic import queue

WEEKDAY = np.arange(120) % 7


def test_hours_and_weekdays_are_read_off_the_history() -> None:
    calls = queue(closed_weekdays=(5, 6), hours=(8, 20)).history.calls
    opening = infer_opening(calls, WEEKDAY)
    assert opening[:5, 16:40].all()
    assert not opening[:, :16].any()
    assert not opening[:, 40:].any()
    assert not opening[5:].any()


def test_missing_rows_and_zero_rows_say_the_same() -> None:
    calls = queue(closed_weekdays=(5, 6), hours=(8, 20)).history.calls
    missing = np.where(calls > 0, calls, np.nan)
    np.testing.assert_array_equal(infer_opening(calls, WEEKDAY), infer_opening(missing, WEEKDAY))


def test_a_weekday_closed_lately_is_closed_and_one_opened_lately_is_open() -> None:
    calls = queue().history.calls.copy()
    calls[-30:][WEEKDAY[-30:] == 6] = 0
    calls[:-30][WEEKDAY[:-30] == 5] = 0
    opening = infer_opening(calls, WEEKDAY)
    assert not opening[6].any()
    assert opening[5, 16:40].all()


def test_a_tiny_queue_is_open_though_silent() -> None:
    calls = np.zeros((60, 24))
    calls[::5, 12] = 1
    assert infer_opening(calls, WEEKDAY[:60]).all()


def test_an_outage_of_weeks_closes_nothing() -> None:
    calls = queue().history.calls.copy()
    calls[60:-10] = np.nan
    assert infer_opening(calls, WEEKDAY)[:, 16:40].all()


def test_a_source_that_lists_only_calls_has_zeros_between_them() -> None:
    calls = np.array([[1.0, np.nan, 2.0], [2.0, 1.0, np.nan], [np.nan, np.nan, np.nan], [1.0, 1.0, 1.0]])
    filled = fill_unlisted(calls)
    assert filled[:2].tolist() == [[1.0, 0.0, 2.0], [2.0, 1.0, 0.0]]
    assert np.isnan(filled[2]).all()
    busy = calls * 50
    np.testing.assert_array_equal(fill_unlisted(busy), busy)


def test_what_came_before_longer_hours_is_forgotten() -> None:
    calls = queue(hours=(8, 20)).history.calls.copy()
    calls[:90, 36:] = 0
    kept = forget_old_hours(calls, WEEKDAY)
    assert np.isnan(kept[:90, 36:40]).all()
    np.testing.assert_array_equal(kept[90:], calls[90:])
    np.testing.assert_array_equal(kept[:, :36], calls[:, :36])


def test_longer_hours_are_forecast_at_their_new_level() -> None:
    made = queue(days=150, hours=(8, 20))
    calls = made.history.calls.copy()
    calls[:125, 36:] = 0
    result = forecast(Series(made.history.first_day, 1800, calls), horizon_end=made.horizon_end)
    late = result.calls.reshape(made.future.shape)[:, 36:40]
    assert late.sum() == pytest.approx(made.mean[:, 36:40].sum(), rel=0.1)
