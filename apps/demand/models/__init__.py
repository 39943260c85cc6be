"""Interval history of the queues and the imports it came by."""

from apps.demand.models.history import IntervalHistory
from apps.demand.models.imports import ImportBatch, ImportRowError, ImportUpload

__all__ = ["ImportBatch", "ImportRowError", "ImportUpload", "IntervalHistory"]
