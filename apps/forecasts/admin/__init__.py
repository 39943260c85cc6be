from apps.forecasts.admin.version import ForecastVersionAdmin

__all__ = ["ForecastVersionAdmin"]
