from apps.jobs.admin.job import JobAdmin

__all__ = ["JobAdmin"]
