"""Reads of forecasts: versions and their points, versions against each other and against fact."""

from apps.forecasts.selectors.versions import (
    accuracy_rows,
    active_version,
    forecast_points,
    version_by_id,
    versions_of,
)

__all__ = [
    "accuracy_rows",
    "active_version",
    "forecast_points",
    "version_by_id",
    "versions_of",
]
