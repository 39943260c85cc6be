"""The peers of the forecasting benchmark: week-naive, Prophet and MSTL with ARIMA (statsforecast)."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from apps.algorithms.forecasting import Series, country_holidays, infer_country
from apps.algorithms.intervals import BoolArray, FloatArray

Peer = Callable[[Series, BoolArray], FloatArray]
_WEEK = 7


class PeerMissingError(Exception):
    """A library that only the benchmark needs is not installed."""


def week_naive(known: Series, asked: BoolArray) -> FloatArray:
    """Repeat the last week; where it has no record, the one before, and so on."""
    history = known.calls
    found = np.full(asked.shape, np.nan)
    for row in range(asked.shape[0]):
        for day in range(history.shape[0] + row % _WEEK - _WEEK, -1, -_WEEK):
            found[row] = np.where(np.isnan(found[row]), history[day], found[row])
    return np.where(asked, np.nan_to_num(found), 0.0)


def prophet(known: Series, asked: BoolArray) -> FloatArray:
    """Prophet with daily and weekly seasonality and the same country's holidays, on open slots only."""
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)
    pandas, library = _library("pandas"), _library("prophet")
    logging.getLogger("cmdstanpy").disabled = True
    model = library.Prophet(
        daily_seasonality=True,
        weekly_seasonality=True,
        yearly_seasonality=False,
        seasonality_mode="multiplicative",
    )
    country = infer_country(known)
    if country:
        model.add_country_holidays(country)
    opening = _opening(known)
    moments, values = [], []
    for day, slot in np.argwhere(np.isfinite(known.calls) & opening):
        moments.append(_moment(known, day, slot))
        values.append(known.calls[day, slot])
    model.fit(pandas.DataFrame({"ds": moments, "y": values}))
    cells = np.argwhere(asked)
    coming = [_moment(known, known.calls.shape[0] + day, slot) for day, slot in cells]
    said = model.predict(pandas.DataFrame({"ds": coming}))["yhat"].to_numpy()
    return _closed_on_holidays(known, _spread(asked, said))


def mstl_arima(known: Series, asked: BoolArray) -> FloatArray:
    """MSTL (day and week of open slots) with AutoARIMA for what remains; gaps filled with the week before."""
    models = _library("statsforecast.models")
    days = np.flatnonzero(_opening(known).any(axis=1))
    slots = np.flatnonzero(_opening(known).any(axis=0))
    filled = _filled(known)[np.ix_(days, slots)]
    week_days = int(_opening(known)[-_WEEK:].any(axis=1).sum())
    seasons = [slots.size, slots.size * week_days]
    model = models.MSTL(season_length=seasons, trend_forecaster=models.AutoARIMA())
    coming_days = np.flatnonzero(asked.any(axis=1))
    said = model.forecast(y=filled.ravel(), h=coming_days.size * slots.size)["mean"]
    found = np.zeros(asked.shape)
    found[np.ix_(coming_days, slots)] = np.maximum(said, 0.0).reshape(coming_days.size, slots.size)
    return _closed_on_holidays(known, np.where(asked, found, 0.0))


PEERS: dict[str, Peer] = {"week_naive": week_naive, "prophet": prophet, "mstl_arima": mstl_arima}


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as failure:
        message = f"{name} is not installed; the peers need: pip install -r requirements-bench.txt"
        raise PeerMissingError(message) from failure


def _opening(known: Series) -> BoolArray:
    """Return which slots of the history belong to a slot of the week that ever had a call, shape (D, S)."""
    weekday = (known.first_day.weekday() + np.arange(known.calls.shape[0])) % _WEEK
    seen = np.nan_to_num(known.calls) > 0
    opening = np.stack([seen[weekday == day].any(axis=0) for day in range(_WEEK)])
    return np.asarray(opening[weekday])


def _filled(known: Series) -> FloatArray:
    """Return the history with each gap filled by the same slot of the week before (or after at the start)."""
    filled = known.calls.copy()
    for day in range(_WEEK, filled.shape[0]):
        filled[day] = np.where(np.isnan(filled[day]), filled[day - _WEEK], filled[day])
    for day in range(filled.shape[0] - _WEEK - 1, -1, -1):
        filled[day] = np.where(np.isnan(filled[day]), filled[day + _WEEK], filled[day])
    return np.nan_to_num(filled)


def _moment(known: Series, day: int, slot: int) -> datetime:
    midnight = datetime.combine(known.first_day, datetime.min.time())
    return midnight + timedelta(days=int(day), seconds=int(slot) * known.step_s)


def _spread(asked: BoolArray, said: FloatArray) -> FloatArray:
    found = np.zeros(asked.shape)
    found[asked] = np.maximum(said, 0.0)
    return found


def _closed_on_holidays(known: Series, said: FloatArray) -> FloatArray:
    """Close the same coming holidays as the history did, so that a peer is not beaten by the calendar."""
    country = infer_country(known)
    if country is None:
        return said
    first = known.first_day + timedelta(days=known.calls.shape[0])
    days = [first + timedelta(days=index) for index in range(said.shape[0])]
    named = country_holidays(country, {day.year for day in days})
    closed = [day in named and not named[day].endswith("(minor)") for day in days]
    return np.where(np.array(closed)[:, None], 0.0, said)
