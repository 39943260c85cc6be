from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from apps.algorithms.forecasting.backtest import fold_origins
from apps.algorithms.forecasting.cleaning import prepare
from apps.algorithms.forecasting.daylevel import day_kernels, fit_days, month_place, predict_days
from apps.algorithms.forecasting.models import mean_of_root
from apps.algorithms.forecasting.past import weekday_profile
from tests.algorithms.forecasting.synthetic import MONDAY, queue

WEEKDAYS = queue(closed_weekdays=(5, 6), hours=(8, 20))
PAST, _ = prepare(WEEKDAYS.history, days_ahead=20, holidays={})


def index(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - MONDAY).days


@given(st.floats(min_value=0.0, max_value=300.0))
def test_the_mean_behind_a_root_count(mean: float) -> None:
    counts = np.arange(1000)
    root = poisson.pmf(counts, mean) @ np.sqrt(counts + 0.25)
    assert mean_of_root(np.array([root]))[0] == pytest.approx(mean, rel=0.01, abs=0.005)


def test_place_in_the_month() -> None:
    since, until = month_place(PAST)
    assert (since[index(2024, 2, 1)], until[index(2024, 2, 1)]) == (0, 28)
    assert (since[index(2024, 2, 29)], until[index(2024, 2, 29)]) == (28, 0)


def test_open_days_at_the_turn_of_the_month_are_alike() -> None:
    kernels = day_kernels(PAST)
    turn = kernels.kernels[kernels.names.index("month turn")]
    first_open = [index(2024, 2, 1), index(2024, 3, 1), index(2024, 4, 1), index(2024, 5, 1)]
    assert turn[np.ix_(first_open, first_open)].min() == 1
    last_open = [index(2024, 1, 31), index(2024, 2, 29), index(2024, 3, 29), index(2024, 4, 30)]
    assert turn[np.ix_(last_open, last_open)].min() == 1
    assert turn[first_open[0], index(2024, 2, 2)] < 0.7
    assert turn[np.ix_(first_open, last_open)].max() < 0.1


def test_mondays_reopen() -> None:
    reopens = np.flatnonzero(PAST.reopens & PAST.usually_open)
    assert set(PAST.weekday[reopens]) == {0}


def test_a_gaussian_process_keeps_what_it_saw_and_doubts_what_it_did_not() -> None:
    kernels = day_kernels(PAST)
    days = np.flatnonzero(PAST.usually_open[: PAST.days])
    value = np.log(WEEKDAYS.history.calls[days].sum(axis=1))
    value -= value.mean()
    noise = np.full(days.size, 1e-3)
    fit = fit_days(kernels, days, value, noise)
    mean, variance = predict_days(kernels, fit, days, value, noise, days)
    assert np.corrcoef(mean, value)[0, 1] > 0.9
    coming = np.flatnonzero(PAST.usually_open[PAST.days :]) + PAST.days
    _, later = predict_days(kernels, fit, days, value, noise, coming)
    assert later.min() > variance.mean()


def test_profiles_sum_to_one_and_follow_the_hours() -> None:
    profile = weekday_profile(PAST)
    np.testing.assert_allclose(profile.sum(axis=1), [1, 1, 1, 1, 1, 0, 0])
    truth = WEEKDAYS.mean[0] / WEEKDAYS.mean[0].sum()
    assert np.abs(profile[0] - truth).sum() < 0.06


def test_folds_leave_enough_to_learn_from() -> None:
    assert fold_origins(172, 21) == [(172 - 14 * back, 14) for back in (6, 5, 4, 3, 2, 1)]
    assert fold_origins(42, 21) == [(21, 7), (28, 7), (35, 7)]
    assert fold_origins(27, 21) == []
