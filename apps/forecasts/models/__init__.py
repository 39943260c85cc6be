"""Forecast versions and their interval points."""

from apps.forecasts.models.version import ForecastPoint, ForecastVersion

__all__ = ["ForecastPoint", "ForecastVersion"]
