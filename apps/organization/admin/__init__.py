from apps.organization.admin.people import EmployeeAdmin, SkillAdmin
from apps.organization.admin.queues import QueueAdmin, ServiceAdmin
from apps.organization.admin.structure import DepartmentAdmin, PositionAdmin, SiteAdmin

__all__ = [
    "DepartmentAdmin",
    "EmployeeAdmin",
    "PositionAdmin",
    "QueueAdmin",
    "ServiceAdmin",
    "SiteAdmin",
    "SkillAdmin",
]
