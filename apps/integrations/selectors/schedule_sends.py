"""Whose months are for 1C, and how far they are on their way."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from apps.integrations.models import ScheduleSend
from apps.integrations.selectors.agents import people_of_others
from apps.integrations.selectors.month_contents import last_day
from apps.organization.models import Employee, EmploymentTerms
from apps.schedules.models import Shift

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence


def people_to_send(connection_id: int, months: Sequence[dt.date]) -> list[int]:
    """Give who has a published shift in these months, or a month of them in 1C, by id.

    People of another 1C are not for this one.
    """
    days = (months[0], last_day(months[-1]))
    others = people_of_others(connection_id)
    working = Shift.objects.filter(is_published=True, local_date__range=days).exclude(employee__in=others)
    kept = ScheduleSend.objects.filter(connection=connection_id, month__in=months)
    kept = kept.exclude(employee__in=others)
    return sorted(
        {
            *working.order_by().values_list("employee_id", flat=True).distinct(),
            *kept.order_by().values_list("employee_id", flat=True).distinct(),
        }
    )


def personnel_numbers(employee_ids: Collection[int]) -> dict[int, str]:
    return dict(Employee.objects.filter(pk__in=employee_ids).values_list("pk", "personnel_number"))


def zones_on(places: Collection[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], str]:
    """Give the zone of the site of each person on a day, or of the first terms after it; one query."""
    terms: defaultdict[int, list[tuple[dt.date, str]]] = defaultdict(list)
    rows = EmploymentTerms.objects.filter(employee__in={employee_id for employee_id, _day in places})
    for employee_id, first, zone in rows.order_by("valid_from").values_list(
        "employee_id", "valid_from", "site__time_zone"
    ):
        terms[employee_id].append((first, zone))
    found = {}
    for employee_id, day in places:
        own = terms[employee_id]
        held = [zone for first, zone in own if first <= day] or [zone for _first, zone in own[:1]]
        if held:
            found[employee_id, day] = held[-1]
    return found
