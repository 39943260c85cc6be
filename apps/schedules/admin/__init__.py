from apps.schedules.admin.edits import ScheduleEditAdmin
from apps.schedules.admin.labour_rules import LabourRuleSettingAdmin
from apps.schedules.admin.planning import AbsenceAdmin, PlanningGroupAdmin
from apps.schedules.admin.variants import ScheduleVariantAdmin
from apps.schedules.admin.work_rules import BreakPolicyAdmin, WorkRuleAdmin, WorkRuleAssignmentAdmin

__all__ = [
    "AbsenceAdmin",
    "BreakPolicyAdmin",
    "LabourRuleSettingAdmin",
    "PlanningGroupAdmin",
    "ScheduleEditAdmin",
    "ScheduleVariantAdmin",
    "WorkRuleAdmin",
    "WorkRuleAssignmentAdmin",
]
