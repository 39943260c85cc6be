"""Interval history of the queues, the imports it came by, what was corrected in it, and special days."""

from apps.demand.models.corrections import HistoryCorrection
from apps.demand.models.exports import HistoryExport
from apps.demand.models.history import IntervalHistory
from apps.demand.models.imports import ImportBatch, ImportRowError, ImportUpload
from apps.demand.models.special_days import SpecialDay

__all__ = [
    "HistoryCorrection",
    "HistoryExport",
    "ImportBatch",
    "ImportRowError",
    "ImportUpload",
    "IntervalHistory",
    "SpecialDay",
]
