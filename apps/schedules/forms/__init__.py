"""What people fill in over the schedules: filters and plans, and the edits of shifts."""

from apps.schedules.forms.grids import NO_CHOICES, GridFilterForm, PlanForm

__all__ = ["NO_CHOICES", "GridFilterForm", "PlanForm"]
