"""Reads of schedules; what the pages need is re-exported here."""

from apps.schedules.selectors.day_grid import day_grid
from apps.schedules.selectors.month_grid import month_grid
from apps.schedules.selectors.my_schedule import my_schedule
from apps.schedules.selectors.rows import filter_choices
from apps.schedules.selectors.violations import violations_of

__all__ = ["day_grid", "filter_choices", "month_grid", "my_schedule", "violations_of"]
