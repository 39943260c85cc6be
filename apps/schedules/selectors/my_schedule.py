"""A person's own published month, on the own clock."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from apps.organization.models import EmploymentTerms
from apps.schedules.choices import VariantState
from apps.schedules.models import Activity, PlannedPerson, Shift
from apps.schedules.selectors.rows import absence_cells
from apps.schedules.types import Month, MyDay, MySchedule, MySegment, MyShift

if TYPE_CHECKING:
    import datetime as dt

    from apps.organization.models import Employee


def my_schedule(employee: Employee, month: dt.date) -> MySchedule:
    """Give every day of the month with the published shift and its parts, or the absence; five queries."""
    zone_name = _zone_name(employee, month)
    days = Month(month, zone_name).days
    shifts = _shifts(employee, days, ZoneInfo(zone_name))
    absences = absence_cells({employee.pk: zone_name}, days[0], days[-1])
    planned = (
        PlannedPerson.objects.filter(
            employee=employee, variant__month=month, variant__state=VariantState.PUBLISHED
        )
        .select_related("variant")
        .first()
    )
    return MySchedule(
        month=month,
        zone=zone_name,
        days=[MyDay(day, shifts.get(day), absences.get((employee.pk, day))) for day in days],
        paid_s=sum(shift.paid_s for shift in shifts.values()),
        norm_s=None if planned is None else planned.norm_s,
        published_at=None if planned is None else planned.variant.published_at,
    )


def _zone_name(employee: Employee, month: dt.date) -> str:
    terms = (
        EmploymentTerms.objects.filter(employee=employee, valid_from__lte=Month(month, "UTC").last)
        .select_related("site")
        .order_by("valid_from")
        .last()
    )
    return "UTC" if terms is None else terms.time_zone or terms.site.time_zone


def _shifts(employee: Employee, days: list[dt.date], zone: ZoneInfo) -> dict[dt.date, MyShift]:
    name = "kind__name_ru" if get_language() == "ru" else "kind__name_en"
    published = Shift.objects.filter(
        employee=employee, is_published=True, local_date__range=(days[0], days[-1])
    )
    parts: defaultdict[int, list[MySegment]] = defaultdict(list)
    rows = Activity.objects.filter(shift__in=published).order_by("start")
    for shift_id, kind, text, start, end in rows.values_list("shift_id", "kind__code", name, "start", "end"):
        parts[shift_id].append(MySegment(kind, text, start.astimezone(zone), end.astimezone(zone)))
    return {
        day: MyShift(start.astimezone(zone), end.astimezone(zone), paid_s, parts[pk])
        for pk, day, start, end, paid_s in published.values_list("pk", "local_date", "start", "end", "paid_s")
    }
