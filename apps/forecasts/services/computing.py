"""Solving: from inputs to points, without a query; the arithmetic is in `apps.algorithms.forecasting`."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from scipy.stats import norm

from apps.algorithms.forecasting import (
    ForecastCancelledError,
    HorizonError,
    NotEnoughHistoryError,
    Series,
    forecast,
    forecast_aht,
)
from apps.core import zones
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.demand.selectors import coefficients
from apps.forecasts.choices import NAIVE_MODEL, model_phrase
from apps.forecasts.types import ForecastArrays, Forecasted
from apps.jobs.registry import JobCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.algorithms.forecasting import Band, ForecastResult, Ground
    from apps.forecasts.types import BoolArray, FloatArray, ForecastRequest, Inputs


DAY_S = 86_400


def compute(
    request: ForecastRequest,
    inputs: Inputs,
    *,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Forecasted:
    """Forecast contacts with their band, and AHT, for every interval of the asked days.

    Raises
    ------
    DomainError
        Not enough history (says how much is missing), a span too far ahead, or no handle time to learn from.
    JobCancelled
        When `cancelled` says so.

    """
    history = inputs.history
    step = dt.timedelta(seconds=history.step_s)
    midnight = dt.time()
    try:
        result = forecast(
            Series(history.first_day, history.step_s, history.calls),
            horizon_end=dt.datetime.combine(request.end, midnight) - step,
            holidays=inputs.special_days.names,
            opening=inputs.opening,
            levels=(request.level,),
            seed=request.seed,
            progress=progress,
            cancelled=cancelled,
        )
    except NotEnoughHistoryError as error:
        raise _not_enough(error) from error
    except HorizonError as error:
        raise DomainError(
            Phrase(gettext_noop("The span ends too far after the history: 400 days at most."))
        ) from error
    except ForecastCancelledError as error:
        raise JobCancelled from error
    points = _points(request, inputs, result)
    return Forecasted(
        points=points,
        model=result.model,
        reason=_reason(result),
        accuracy=_accuracy(result, result.bands[request.level]),
        special_days={
            day.isoformat(): {"name": name, "share": round(share, 4)}
            for day, (name, share) in sorted(result.day_labels.items())
            if request.start <= day < request.end
        },
    )


_UNCHOSEN: dict[Ground, str] = {
    "short": gettext_noop("%(model)s: the history is too short for a back-test"),
    "sparse": gettext_noop("%(model)s: too few contacts in an interval to tell the models apart"),
}


def _reason(result: ForecastResult) -> Phrase:
    model = model_phrase(result.model)
    if result.ground != "accuracy":
        return Phrase(_UNCHOSEN[result.ground], {"model": model})
    wapes = {score.model: round(100 * score.accuracy.wape, 2) for score in result.scores}
    return Phrase(
        gettext_noop(
            "%(model)s: WAPE %(wape).1f %% over %(origins)d rolling origins;"
            " as the week before %(naive).1f %%"
        ),
        {
            "model": model,
            "wape": wapes[result.model],
            "origins": len(result.scores[0].fold_wapes),
            "naive": wapes[NAIVE_MODEL],
        },
    )


def _not_enough(error: NotEnoughHistoryError) -> DomainError:
    return DomainError(
        Phrase(
            gettext_noop(
                "Not enough history: %(have)d days with contacts, %(need)d are needed, %(missing)d more."
            ),
            {
                "have": int(error.have_days),
                "need": int(error.need_days),
                "missing": int(error.need_days - error.have_days),
            },
        ),
        have_days=error.have_days,
        need_days=error.need_days,
    )


def _points(request: ForecastRequest, inputs: Inputs, result: ForecastResult) -> ForecastArrays:
    local = np.array(result.starts(), dtype="datetime64[s]")
    band = result.bands[request.level]
    aht_s = _aht(request, inputs, result)
    wanted = local >= np.datetime64(request.start, "s")
    closed = np.isin(
        local.astype("datetime64[D]"), np.array(sorted(inputs.special_days.closed), "datetime64[D]")
    )
    shut = closed | result.closed
    factor = np.where(shut, 0.0, _event_factor(local, inputs))
    calls = result.calls * factor
    lower = np.minimum(band.lower * factor, calls)
    upper = np.maximum(band.upper * factor, calls)
    parts = max(result.step_s // inputs.step_s, 1)
    calls, lower, upper = split_evenly(calls[wanted], lower[wanted], upper[wanted], parts, request.level)
    local = np.repeat(local[wanted], parts) + np.tile(np.arange(parts) * inputs.step_s, int(wanted.sum()))
    return _at_instants(local, inputs, calls, lower, upper, np.repeat(aht_s[wanted], parts))


def _event_factor(local: np.ndarray[Any, np.dtype[np.datetime64]], inputs: Inputs) -> FloatArray:
    """Give what special days multiply each interval by, shape (n,)."""
    days = local.astype("datetime64[D]")
    count = int((days[-1] - days[0]).astype(int)) + 1
    step_s = inputs.history.step_s
    factor = coefficients(inputs.events, days[0].item(), count, step_s)
    row = (days - days[0]).astype(np.int64)
    slot = local.astype("datetime64[s]").astype(np.int64) % DAY_S // step_s
    return np.asarray(factor[row, slot], dtype=np.float64)


def split_evenly(
    calls: FloatArray, lower: FloatArray, upper: FloatArray, parts: int, level: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cut each interval into equal parts, with the band that a part has.

    The distance w of a bound from the mean m is z·sd. Of the variance, m is that of counting (Poisson) and
    falls with the parts k as m/k; the rest is that of the rate and falls as 1/k². So
    w_k = sqrt((w² - z²m)+ / k² + min(z²m, w²) / k).
    """
    if parts == 1:
        return calls, lower, upper
    counting = norm.ppf((1 + level) / 2) ** 2 * calls

    def width(whole: FloatArray) -> FloatArray:
        # a band narrower than counting alone is kept as narrow as it was
        part = np.minimum(counting, whole**2)
        return np.asarray(np.sqrt((whole**2 - part) / parts**2 + part / parts))

    mean = calls / parts
    low = np.maximum(mean - width(calls - lower), 0.0)
    high = mean + width(upper - calls)
    return np.repeat(mean, parts), np.repeat(low, parts), np.repeat(high, parts)


def _at_instants(
    local: np.ndarray[Any, np.dtype[np.datetime64]], inputs: Inputs, *values: FloatArray
) -> ForecastArrays:
    """Place local intervals on the time line: a left-out hour has none, a repeated hour has each twice."""
    resolved = zones.resolve(local, inputs.zone)
    once = np.flatnonzero(resolved.exists)
    again = np.flatnonzero(resolved.exists & (resolved.utc != resolved.second_utc))
    index = np.concatenate([once, again])
    starts = np.concatenate([resolved.utc[once], resolved.second_utc[again]])
    order = np.argsort(starts)
    calls, lower, upper, aht_s = (array[index][order] for array in values)
    return ForecastArrays(starts[order], inputs.step_s, calls, lower, upper, aht_s)


def _aht(request: ForecastRequest, inputs: Inputs, result: ForecastResult) -> FloatArray:
    history = inputs.history
    known: BoolArray = (np.nan_to_num(history.answered) > 0) & (np.nan_to_num(history.handle_s) > 0)
    if known.any():
        return forecast_aht(
            history.first_day,
            history.step_s,
            np.where(known, history.answered, np.nan),
            np.where(known, history.handle_s, np.nan),
            start=result.start,
            count=result.calls.size,
        )
    if request.assumed_aht_s is None:
        raise DomainError(
            Phrase(gettext_noop("The history has no handle times: import them, or give the AHT to assume.")),
            fields={"assumed_aht_s": [_("Needed, because the history has no handle times.")]},
        )
    return np.full(result.calls.size, request.assumed_aht_s)


def _accuracy(result: ForecastResult, band: Band) -> dict[str, Any]:
    return {
        "chosen": result.model,
        "level": band.level,
        "coverage": _share(band.backtest_coverage),
        "models": [
            {
                "model": score.model,
                "wape": _share(score.accuracy.wape),
                "mape": _share(score.accuracy.mape),
                "bias": _share(score.accuracy.bias),
                "mase": _share(score.accuracy.mase),
                "intervals": score.accuracy.intervals,
                "fold_wapes": [_share(wape) for wape in score.fold_wapes],
                "fit_s": round(score.fit_s, 3),
            }
            for score in result.scores
        ],
    }


def _share(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None
