"""The people of the product as a simulated 1C would know them, so that both begin alike."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from apps.organization.models import Department, Employee, EmploymentTerms

if TYPE_CHECKING:
    import datetime as dt

NAMESPACE = uuid.UUID("5f0c1a52-7c52-4f0e-9a43-3f1f4b1f0c1e")
MINUTES_AN_HOUR = 60


def agent_id_of(employee: Employee) -> str:
    """Give the id of the person in 1C: the one that is known, else one made of the personnel number."""
    return employee.external_id or str(uuid.uuid5(NAMESPACE, employee.personnel_number))


def people_for_simulator(today: dt.date) -> dict[str, list[dict[str, Any]]]:
    """Give `{departments, people}` as the simulator of 1C reads them, in two queries.

    Who has no terms today is left out.
    """
    departments = {department.pk: department for department in Department.objects.all()}
    terms = (
        EmploymentTerms.objects.filter(valid_from__lte=today)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
        .select_related("employee", "position", "site")
        .order_by("employee_id")
    )
    return {
        "departments": [
            {
                "departmentId": _department_id(department),
                "department": department.name,
                "parentDepartmentId": _parent_id(department, departments),
            }
            for department in departments.values()
        ],
        "people": [_person(row, departments[row.department_id]) for row in terms],
    }


def _department_id(department: Department) -> str:
    return department.external_id or department.code


def _parent_id(department: Department, departments: dict[int, Department]) -> str:
    return "" if department.parent_id is None else _department_id(departments[department.parent_id])


def _person(terms: EmploymentTerms, department: Department) -> dict[str, Any]:
    employee = terms.employee
    return {
        "agentId": agent_id_of(employee),
        "tabN": employee.personnel_number,
        "lastname": employee.last_name,
        "firstname": employee.first_name,
        "secondname": employee.middle_name,
        "startwork": employee.hired_on.isoformat(),
        "finishwork": employee.dismissed_on.isoformat() if employee.dismissed_on else None,
        "positionId": terms.position.external_id or str(terms.position_id),
        "position": terms.position.name,
        "departmentId": _department_id(department),
        "rate": str(terms.rate),
        "normWeek": str(terms.weekly_norm_minutes / MINUTES_AN_HOUR),
        "area": terms.site.name,
    }
