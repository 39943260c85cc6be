"""Sites, departments, people with their dated contract facts, skills, services and queues."""

from apps.organization.models.people import Employee, EmployeeSkill, EmploymentTerms, PersonalLimit, Skill
from apps.organization.models.queues import OpeningHours, Queue, QueueMembership, Service
from apps.organization.models.structure import Department, DeputyPeriod, Position, Site

__all__ = [
    "Department",
    "DeputyPeriod",
    "Employee",
    "EmployeeSkill",
    "EmploymentTerms",
    "OpeningHours",
    "PersonalLimit",
    "Position",
    "Queue",
    "QueueMembership",
    "Service",
    "Site",
    "Skill",
]
