"""Reads across the chain; nothing here writes."""

from apps.reports.selectors.coverage import coverage
from apps.reports.selectors.dashboard import dashboard

__all__ = ["coverage", "dashboard"]
