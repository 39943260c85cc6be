from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from apps.algorithms.forecasting import Series, country_holidays, forecast, infer_country
from apps.algorithms.forecasting.special_days import expected_shares
from tests.algorithms.forecasting.real_data import bank_1999, bank_2003
from tests.algorithms.forecasting.synthetic import MONDAY, last_interval, queue


def test_country_of_the_real_series() -> None:
    assert infer_country(bank_2003()) == "US"
    assert infer_country(bank_1999()) == "IL"


def test_no_country_for_a_queue_without_holidays() -> None:
    assert infer_country(queue(days=360).history) is None


def test_a_few_random_closed_days_make_no_country() -> None:
    series = queue(days=360).history
    found = []
    for seed in range(8):
        calls = series.calls.copy()
        calls[np.random.default_rng(seed).choice(360, 5, replace=False)] = np.nan
        found.append(infer_country(Series(series.first_day, series.step_s, calls)))
    assert found.count(None) >= 7


@pytest.mark.parametrize("country", ["DE", "RU", "GB", "BR"])
def test_closed_holidays_name_their_country_and_close_the_coming_ones(country: str) -> None:
    made = queue(days=330, ahead=1, closed_weekdays=(5, 6), hours=(8, 20))
    named = country_holidays(country, [2024])
    closed = [MONDAY + timedelta(days=day) in named for day in range(330)]
    calls = np.where(np.array(closed)[:, None], 0.0, made.history.calls)
    series = Series(MONDAY, 1800, calls)
    assert infer_country(series) == country
    result = forecast(series, horizon_end=last_interval(series, 40), holidays=named)
    coming = {day for day in named if day > MONDAY + timedelta(days=329) and day.weekday() < 5}
    christmas = date(2024, 12, 25)
    for start, value, shut in zip(result.starts(), result.calls, result.closed, strict=True):
        if (
            start.date() in coming
            and start.date() <= christmas
            and not named[start.date()].endswith("(minor)")
        ):
            assert value == 0
            assert shut


def test_federal_holidays_ahead_of_the_2003_bank_are_closed() -> None:
    result = forecast(
        bank_2003(), horizon_end=last_interval(bank_2003(), 60), holidays=country_holidays("US", [2003])
    )
    assert result.day_labels[date(2003, 9, 1)] == ("Labor Day", 0.0)
    assert result.day_labels[date(2003, 10, 13)] == ("Columbus Day", 0.0)
    days = np.array([start.date() for start in result.starts()])
    labour_day = result.calls[days == date(2003, 9, 1)]
    assert labour_day.size == 96
    assert not labour_day.any()
    assert result.calls[days == date(2003, 9, 2)].sum() > 30_000


def test_unknown_country() -> None:
    with pytest.raises(KeyError):
        country_holidays("XX", [2024])


def test_shares_are_learned_by_name_and_by_class() -> None:
    ratio = np.ones(100)
    ratio[[10, 20, 30]] = [0.0, 0.0, 0.5]
    outlying = ratio < 0.9
    named = {10: "A", 20: "B", 30: "C", 105: "A", 110: "C", 115: "D (observed)"}
    special = expected_shares(ratio, named, outlying, total_days=120)
    assert special.share[105] == 0
    assert special.share[110] == pytest.approx(0.5 / 1.4)
    assert special.share[115] == 0
    assert special.labels[115] == "D"
    assert special.excluded[[10, 20, 30]].all()
    assert special.excluded.sum() == 3


def test_open_holidays_stay_open() -> None:
    special = expected_shares(np.ones(50), {10: "A", 60: "A"}, np.zeros(50, dtype=bool), total_days=70)
    assert special.share[60] == pytest.approx(1.0)
    nothing_known = expected_shares(np.ones(50), {60: "A"}, np.zeros(50, dtype=bool), total_days=70)
    assert nothing_known.share[60] == 1.0
