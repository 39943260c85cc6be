from apps.staffing.admin.requirement import RequirementVersionAdmin
from apps.staffing.admin.target import CoefficientSpanAdmin, StaffingTargetAdmin

__all__ = ["CoefficientSpanAdmin", "RequirementVersionAdmin", "StaffingTargetAdmin"]
