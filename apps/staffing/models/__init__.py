"""Service targets, coefficients, and the requirement derived from a forecast."""

from apps.staffing.models.requirement import RequirementPoint, RequirementVersion
from apps.staffing.models.target import CoefficientSpan, StaffingTarget

__all__ = ["CoefficientSpan", "RequirementPoint", "RequirementVersion", "StaffingTarget"]
