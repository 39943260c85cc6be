from apps.jobs.admin.job import JobAdmin
from apps.jobs.admin.periodic import PeriodicTaskAdmin

__all__ = ["JobAdmin", "PeriodicTaskAdmin"]
