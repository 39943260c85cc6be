"""Whose months are for 1C, and how far they are on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.integrations.models import ScheduleSend
from apps.integrations.selectors.month_contents import last_day
from apps.organization.models import Employee, EmploymentTerms
from apps.schedules.models import Shift

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence


def people_to_send(connection_id: int, months: Sequence[dt.date]) -> list[int]:
    """Give who has a published shift in these months, or a month of them in 1C, by id."""
    days = (months[0], last_day(months[-1]))
    working = Shift.objects.filter(is_published=True, local_date__range=days)
    kept = ScheduleSend.objects.filter(connection=connection_id, month__in=months)
    return sorted(
        {
            *working.order_by().values_list("employee_id", flat=True).distinct(),
            *kept.order_by().values_list("employee_id", flat=True).distinct(),
        }
    )


def personnel_numbers(employee_ids: Collection[int]) -> dict[int, str]:
    return dict(Employee.objects.filter(pk__in=employee_ids).values_list("pk", "personnel_number"))


def zones_of(employee_ids: Collection[int], day: dt.date) -> dict[int, str]:
    """Give the zones of the sites of people: of `day`, else of the first terms."""
    rows = EmploymentTerms.objects.filter(employee__in=employee_ids).order_by("valid_from")
    found: dict[int, str] = {}
    for employee_id, first, zone in rows.values_list("employee_id", "valid_from", "site__time_zone"):
        if employee_id not in found or first <= day:
            found[employee_id] = zone
    return found
