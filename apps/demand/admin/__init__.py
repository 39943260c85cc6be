from apps.demand.admin.imports import ImportBatchAdmin

__all__ = ["ImportBatchAdmin"]
