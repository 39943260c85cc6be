"""Which days a calendar marks as free, for the shading of grids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.organization.models import EmploymentTerms
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.selectors import day_kinds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from apps.organization.models import Employee
    from apps.schedules.models import PlanningGroup

SATURDAY = 5


def group_days_off(group: PlanningGroup, days: Sequence[dt.date]) -> list[bool]:
    """Tell of each day whether the calendar of the group's first queue has it free; four queries."""
    codes = group.queues.exclude(calendar_code="").order_by("pk").values_list("calendar_code", flat=True)
    return _off(codes.first(), days)


def own_days_off(employee: Employee, days: Sequence[dt.date]) -> list[bool]:
    """Tell of each day whether the calendar of the person's last site in these days has it free."""
    terms = EmploymentTerms.objects.filter(employee=employee, valid_from__lte=days[-1])
    codes = terms.order_by("-valid_from").values_list("site__calendar_code", flat=True)
    return _off(codes.first(), days)


def _off(code: str | None, days: Sequence[dt.date]) -> list[bool]:
    """Where no calendar is filled the weekends stand for it."""
    weekends = [day.weekday() >= SATURDAY for day in days]
    if not code:
        return weekends
    try:
        facts = day_kinds(code, days[0], days[-1])
    except CalendarMissingError:
        return weekends
    return [not facts[day].is_working for day in days]
