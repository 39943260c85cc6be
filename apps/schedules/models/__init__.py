"""Planning groups, work rules, labour rules, variants, shifts and their activities."""

from apps.schedules.models.edits import ScheduleEdit, ShiftChange
from apps.schedules.models.planning import (
    Absence,
    PlannedPerson,
    PlanningGroup,
    RuleViolation,
    ScheduleVariant,
)
from apps.schedules.models.shifts import Activity, Shift
from apps.schedules.models.work_rules import (
    BreakPolicy,
    BreakRule,
    LabourRuleSetting,
    ShiftTemplate,
    WorkRule,
    WorkRuleAssignment,
)

__all__ = [
    "Absence",
    "Activity",
    "BreakPolicy",
    "BreakRule",
    "LabourRuleSetting",
    "PlannedPerson",
    "PlanningGroup",
    "RuleViolation",
    "ScheduleEdit",
    "ScheduleVariant",
    "Shift",
    "ShiftChange",
    "ShiftTemplate",
    "WorkRule",
    "WorkRuleAssignment",
]
