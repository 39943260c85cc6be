"""What people fill in over the schedules: filters and plans, and the edits of shifts."""

from apps.schedules.forms.grids import GridFilterForm, PlanForm

__all__ = ["GridFilterForm", "PlanForm"]
