from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from apps.algorithms.forecasting import (
    MODEL_NAMES,
    ForecastCancelledError,
    ForecastError,
    HorizonError,
    NotEnoughHistoryError,
    Series,
    accuracy,
    forecast,
)
from tests.algorithms.forecasting.synthetic import Queue, last_interval, queue

SHAPES = {
    "round the clock": queue(),
    "weekdays in office hours": queue(closed_weekdays=(5, 6), hours=(9, 18)),
    "five minutes": queue(days=60, step_s=300, level=8.0),
    "hours, few calls": queue(step_s=3600, level=3.0),
    "three weeks": queue(days=21, ahead=7),
    "two weeks": queue(days=14, ahead=7),
    "one day a week": queue(days=200, closed_weekdays=(0, 1, 2, 3, 4, 5)),
}


def wape(made: Queue, said: np.ndarray) -> float:
    return accuracy(made.future.ravel(), said[-made.future.size :]).wape


@pytest.mark.parametrize("made", SHAPES.values(), ids=SHAPES)
def test_a_forecast_is_near_the_floor_of_counting_noise(made: Queue) -> None:
    result = forecast(made.history, horizon_end=made.horizon_end)
    assert wape(made, result.calls) < 1.25 * made.floor + 0.02
    assert result.start == made.history.end
    assert result.calls.size == made.future.size
    band = result.bands[0.8]
    assert (band.lower <= band.upper).all()
    assert (band.lower >= 0).all()
    assert not result.calls[result.closed].any()


@pytest.mark.parametrize("name", ["round the clock", "weekdays in office hours"])
def test_the_chosen_model_beats_the_baseline_and_says_so(name: str) -> None:
    result = forecast(SHAPES[name].history, horizon_end=SHAPES[name].horizon_end)
    by_name = {score.model: score for score in result.scores}
    assert set(by_name) == {*MODEL_NAMES, "ensemble"}
    assert by_name[result.model].accuracy.wape < by_name["week_naive"].accuracy.wape
    assert by_name[result.model].accuracy.mase < 1
    assert result.model in result.reason


def test_bands_hold_their_share_and_nest() -> None:
    made = queue(days=180, ahead=28)
    result = forecast(made.history, horizon_end=made.horizon_end, levels=(0.5, 0.8, 0.95))
    fact = made.future.ravel()
    for level, band in result.bands.items():
        held = ((fact >= band.lower) & (fact <= band.upper)).mean()
        assert held == pytest.approx(level, abs=0.06)
        assert band.backtest_coverage == pytest.approx(level, abs=0.06)
    assert (result.bands[0.95].upper >= result.bands[0.5].upper).all()


def test_closed_hours_are_exactly_nought() -> None:
    made = SHAPES["weekdays in office hours"]
    result = forecast(made.history, horizon_end=made.horizon_end)
    np.testing.assert_array_equal(result.calls == 0, made.mean.ravel() == 0)
    np.testing.assert_array_equal(result.closed, made.mean.ravel() == 0)


def test_the_same_input_gives_the_same_forecast() -> None:
    made = SHAPES["round the clock"]
    first, second = (forecast(made.history, horizon_end=made.horizon_end) for _ in range(2))
    np.testing.assert_array_equal(first.calls, second.calls)
    np.testing.assert_array_equal(first.bands[0.8].lower, second.bands[0.8].lower)


def test_a_history_that_ends_within_a_day_is_continued_from_there() -> None:
    made = SHAPES["round the clock"]
    calls = made.history.calls.copy()
    calls[-1, 30:] = np.nan
    cut = Series(made.history.first_day, made.history.step_s, calls)
    result = forecast(cut, horizon_end=made.horizon_end)
    assert result.start == cut.end
    assert result.start.hour == 15
    assert result.calls.size == 18 + made.future.size
    rest = made.history.calls[-1, 30:]
    assert np.abs(result.calls[:18] - rest).sum() < 0.25 * rest.sum()


@pytest.mark.parametrize("trend", [0.003, -0.004])
def test_nine_weeks_ahead_a_trend_neither_explodes_nor_is_lost(trend: float) -> None:
    made = queue(days=200, ahead=63, trend=trend)
    result = forecast(made.history, horizon_end=made.horizon_end)
    week = result.calls[-7 * 48 :].sum()
    last_known = made.history.calls[-7:].sum()
    assert 0.6 * last_known < week < 1.5 * last_known
    assert wape(made, result.calls) < 1.4 * made.floor


def test_outlying_days_and_gaps_do_not_move_the_forecast() -> None:
    made = queue(days=180)
    calls = made.history.calls.copy()
    calls[40:50] = np.nan
    calls[100, 10:30] = np.nan
    calls[150] *= 6
    calls[170] = 0
    calls[178] *= 8
    clean = forecast(made.history, horizon_end=made.horizon_end).calls
    broken = forecast(Series(made.history.first_day, 1800, calls), horizon_end=made.horizon_end).calls
    assert np.abs(broken - clean).sum() < 0.03 * clean.sum()


def test_a_lasting_shift_of_level_is_no_outlier() -> None:
    made = queue(days=180)
    calls = made.history.calls.copy()
    calls[90:] *= 2
    shifted = forecast(Series(made.history.first_day, 1800, calls), horizon_end=made.horizon_end)
    assert shifted.calls.sum() == pytest.approx(2 * made.mean.sum(), rel=0.05)


def test_more_calls_in_the_history_mean_more_in_the_forecast() -> None:
    made = SHAPES["round the clock"]
    plain = forecast(made.history, horizon_end=made.horizon_end).calls.sum()
    tripled = Series(made.history.first_day, 1800, made.history.calls * 3)
    assert forecast(tripled, horizon_end=made.horizon_end).calls.sum() == pytest.approx(3 * plain, rel=0.02)


def test_too_little_history_says_how_much_is_missing() -> None:
    short = queue(days=9, ahead=7).history
    with pytest.raises(NotEnoughHistoryError, match="9 days with calls, 14 are needed") as caught:
        forecast(short, horizon_end=last_interval(short, 7))
    assert (caught.value.have_days, caught.value.need_days) == (9, 14)
    empty = Series(short.first_day, 1800, np.full((3, 48), np.nan))
    with pytest.raises(NotEnoughHistoryError):
        forecast(empty, horizon_end=last_interval(empty, 7))


@pytest.mark.parametrize("days", [-1, 500])
def test_an_impossible_horizon_is_refused(days: int) -> None:
    made = SHAPES["round the clock"]
    with pytest.raises(HorizonError):
        forecast(made.history, horizon_end=made.history.end + timedelta(days=days))


def test_unknown_models_and_levels_are_refused() -> None:
    made = SHAPES["round the clock"]
    with pytest.raises(ForecastError, match="oracle"):
        forecast(made.history, horizon_end=made.horizon_end, models=["oracle"])
    with pytest.raises(ForecastError, match=r"1\.5"):
        forecast(made.history, horizon_end=made.horizon_end, levels=(1.5,))


def test_one_model_alone_can_be_asked_for() -> None:
    made = SHAPES["round the clock"]
    result = forecast(made.history, horizon_end=made.horizon_end, models=["smoothing"])
    assert {score.model for score in result.scores} == {"smoothing", "week_naive"}
    assert result.model == "smoothing"


def test_progress_rises_to_one_and_cancelling_stops() -> None:
    made = SHAPES["round the clock"]
    seen: list[float] = []
    forecast(made.history, horizon_end=made.horizon_end, progress=lambda share, _: seen.append(share))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with pytest.raises(ForecastCancelledError):
        forecast(made.history, horizon_end=made.horizon_end, cancelled=lambda: True)


def test_the_last_interval_is_the_one_asked_for() -> None:
    made = SHAPES["round the clock"]
    wanted = datetime.fromisoformat("2024-05-08T10:40")
    result = forecast(made.history, horizon_end=wanted)
    assert result.starts()[-1] == datetime.fromisoformat("2024-05-08T10:30")
