"""Forecast versions, their interval points, and when which was in force."""

from apps.forecasts.models.activation import ForecastActivation
from apps.forecasts.models.version import ForecastPoint, ForecastVersion

__all__ = ["ForecastActivation", "ForecastPoint", "ForecastVersion"]
