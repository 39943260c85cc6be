"""Reads of forecasts: versions and their points, versions against each other and against fact."""

from apps.forecasts.selectors.comparing import (
    calls_by_day,
    compare_versions,
    default_pair,
    fact_accuracy,
    share_days,
)
from apps.forecasts.selectors.staleness import staleness
from apps.forecasts.selectors.versions import (
    accuracy_rows,
    active_version,
    active_versions,
    forecast_points,
    version_by_id,
    versions_of,
)

__all__ = [
    "accuracy_rows",
    "active_version",
    "active_versions",
    "calls_by_day",
    "compare_versions",
    "default_pair",
    "fact_accuracy",
    "forecast_points",
    "share_days",
    "staleness",
    "version_by_id",
    "versions_of",
]
