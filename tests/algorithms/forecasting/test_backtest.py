"""The back-test may not know what its origins did not: neither calls, nor weights, nor errors."""

from __future__ import annotations

import numpy as np
import pytest

from apps.algorithms.forecasting import ModelScore, Series, accuracy, forecast
from apps.algorithms.forecasting.backtest import ENSEMBLE, Backtest, Fold, choose, fold_origins, run_backtest
from apps.algorithms.forecasting.bands import coverage
from apps.algorithms.forecasting.models import Factors, Smoothing, WeekNaive
from tests.algorithms.forecasting.synthetic import last_interval, queue

HISTORY = queue(days=84, level=20.0).history
NEED_DAYS = 21
ORIGINS = [origin for origin, _ in fold_origins(84, NEED_DAYS)]


def backtest(series: Series) -> Backtest:
    return run_backtest(
        series,
        (Factors(), Smoothing(), WeekNaive()),
        holidays={},
        opening=None,
        need_days=NEED_DAYS,
        seed=0,
        step=lambda _share: None,
    )


@pytest.fixture(scope="module")
def plain() -> Backtest:
    return backtest(HISTORY)


@pytest.mark.parametrize("number", range(len(ORIGINS)))
def test_what_comes_after_an_origin_does_not_change_what_was_forecast_from_it(
    plain: Backtest, number: int
) -> None:
    calls = HISTORY.calls.copy()
    calls[ORIGINS[number] :] = np.random.default_rng(7).poisson(90, calls[ORIGINS[number] :].shape)
    altered = backtest(Series(HISTORY.first_day, HISTORY.step_s, calls))
    for before, after in zip(plain.folds[: number + 1], altered.folds, strict=False):
        assert set(before.said) == {"factors", "smoothing", "week_naive", ENSEMBLE}
        for model, said in before.said.items():
            np.testing.assert_array_equal(after.said[model], said, err_msg=model)
        np.testing.assert_array_equal(after.spread, before.spread)


def test_the_first_ensemble_weighs_its_models_alike_and_the_last_by_every_fold(plain: Backtest) -> None:
    first = plain.folds[0].said
    np.testing.assert_allclose(first[ENSEMBLE], (first["factors"] + first["smoothing"]) / 2)
    assert plain.weights["factors"] != plain.weights["smoothing"]
    last = plain.folds[-1].said
    assert np.abs(last[ENSEMBLE] - (last["factors"] + last["smoothing"]) / 2).max() > 0


def test_a_first_fold_without_a_call_leaves_the_weights_equal() -> None:
    calls = HISTORY.calls.copy()
    calls[ORIGINS[0] : ORIGINS[1]] = np.nan
    series = Series(HISTORY.first_day, HISTORY.step_s, calls)
    second = backtest(series).folds[1].said
    np.testing.assert_allclose(second[ENSEMBLE], (second["factors"] + second["smoothing"]) / 2)
    assert np.isfinite(forecast(series, horizon_end=last_interval(series, 7)).calls).all()


def fold(errors: float) -> Fold:
    """Make a fold of 400 intervals that all expected 25 and got as much more as a multiple of it says."""
    expected = np.full((4, 100), 25.0)
    actual = expected + errors * np.linspace(-1, 1, expected.size).reshape(expected.shape)
    return Fold(actual, {"model": expected}, np.full(4, 0.1))


def test_a_band_is_judged_on_a_fold_by_the_errors_before_it() -> None:
    calm, wild = fold(1.0), fold(20.0)
    assert coverage((calm, wild), "model", 0.8) == pytest.approx(0.04, abs=0.01)
    assert coverage((wild, calm), "model", 0.8) == 1.0
    assert coverage((calm, calm), "model", 0.8) == pytest.approx(0.8, abs=0.01)
    assert np.isnan(coverage((calm,), "model", 0.8))


def test_a_poor_first_fold_does_not_cost_the_ensemble_its_choice() -> None:
    def judged(single: float, mixed: float) -> Fold:
        actual = np.full((14, 48), 20.0)
        said = {"smoothing": actual * (1 + single), ENSEMBLE: actual * (1 + mixed)}
        return Fold(actual, said, np.full(14, 0.1))

    names = ("smoothing", ENSEMBLE)
    scores = tuple(ModelScore(name, accuracy(np.ones(1), np.ones(1)), (), 0.0) for name in names)
    late = Backtest((judged(0.1, 0.5), judged(0.1, 0.1)), scores, {})
    assert choose(late, names).model == ENSEMBLE
    clear = Backtest((judged(0.1, 0.5), judged(0.1, 0.2)), scores, {})
    assert choose(clear, names).model == "smoothing"
