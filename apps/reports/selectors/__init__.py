"""Reads across the chain; nothing here writes."""

from apps.reports.selectors.coverage import coverage
from apps.reports.selectors.dashboard import dashboard, last_imports, latest_accuracy

__all__ = ["coverage", "dashboard", "last_imports", "latest_accuracy"]
