"""Volume and AHT forecasts of one queue: several models, a rolling-origin choice, calibrated bands.

Arrays and frozen dataclasses in and out, local wall-clock time, no Django. Start at `engine.forecast`.
"""

from apps.algorithms.forecasting.accuracy import accuracy, week_naive_mae
from apps.algorithms.forecasting.adjusting import Curve, adjust_aht, adjust_calls, combined_coefficient
from apps.algorithms.forecasting.aht import forecast_aht
from apps.algorithms.forecasting.cleaning import day_shares
from apps.algorithms.forecasting.countries import ENGLISH, country_holidays, infer_country
from apps.algorithms.forecasting.engine import MODEL_NAMES, forecast
from apps.algorithms.forecasting.errors import (
    ForecastCancelledError,
    ForecastError,
    HorizonError,
    NotEnoughHistoryError,
    SeriesError,
)
from apps.algorithms.forecasting.outliers import Fences, find_fences
from apps.algorithms.forecasting.types import Accuracy, Band, ForecastResult, Ground, ModelScore, Series

__all__ = [
    "ENGLISH",
    "MODEL_NAMES",
    "Accuracy",
    "Band",
    "Curve",
    "Fences",
    "ForecastCancelledError",
    "ForecastError",
    "ForecastResult",
    "Ground",
    "HorizonError",
    "ModelScore",
    "NotEnoughHistoryError",
    "Series",
    "SeriesError",
    "accuracy",
    "adjust_aht",
    "adjust_calls",
    "combined_coefficient",
    "country_holidays",
    "day_shares",
    "find_fences",
    "forecast",
    "forecast_aht",
    "infer_country",
    "week_naive_mae",
]
