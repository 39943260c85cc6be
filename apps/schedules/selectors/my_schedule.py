"""A person's own published month, on the own clock."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from apps.organization.models import EmploymentTerms
from apps.schedules.choices import VariantState
from apps.schedules.models import Activity, PlannedPerson, Shift
from apps.schedules.selectors.days_off import own_days_off
from apps.schedules.selectors.rows import absence_cells
from apps.schedules.types import Month, MyDay, MySchedule, MySegment, MyShift

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from apps.organization.models import Employee


def my_schedule(employee: Employee, month: dt.date) -> MySchedule:
    """Give every day of the month with its published shifts and their parts, or the absence; nine queries."""
    days = Month(month, "UTC").days
    zone_name = own_zone_name(employee, days[-1])
    published = Shift.objects.filter(
        employee=employee, is_published=True, local_date__range=(days[0], days[-1])
    )
    by_day: defaultdict[dt.date, list[MyShift]] = defaultdict(list)
    for shift in _own(published, ZoneInfo(zone_name)):
        by_day[shift.date].append(shift)
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
        days=[
            MyDay(day, by_day[day], absences.get((employee.pk, day)), is_off)
            for day, is_off in zip(days, own_days_off(employee, days), strict=True)
        ],
        paid_s=sum(shift.paid_s for shifts in by_day.values() for shift in shifts),
        norm_s=None if planned is None else planned.norm_s,
        published_at=None if planned is None else planned.variant.published_at,
    )


def next_shift(employee: Employee, now: dt.datetime) -> MyShift | None:
    """Give the published shift that runs at `now` or comes next, whatever its day and month."""
    ahead = Shift.objects.filter(employee=employee, is_published=True, end__gt=now).order_by("start")
    found = ahead.values_list("pk", "local_date").first()
    if found is None:
        return None
    pk, day = found
    (shift,) = _own(Shift.objects.filter(pk=pk), ZoneInfo(own_zone_name(employee, day)))
    return shift


def own_zone_name(employee: Employee, day: dt.date) -> str:
    """Give the zone of the terms that the person works by on `day`, or worked by last."""
    terms = (
        EmploymentTerms.objects.filter(employee=employee, valid_from__lte=day)
        .select_related("site")
        .order_by("valid_from")
        .last()
    )
    return "UTC" if terms is None else terms.time_zone or terms.site.time_zone


def _own(shifts: QuerySet[Shift], zone: ZoneInfo) -> list[MyShift]:
    """Give shifts in order of time, with their parts."""
    name = "kind__name_ru" if get_language() == "ru" else "kind__name_en"
    parts: defaultdict[int, list[MySegment]] = defaultdict(list)
    rows = Activity.objects.filter(shift__in=shifts).order_by("start")
    for shift_id, kind, text, start, end in rows.values_list("shift_id", "kind__code", name, "start", "end"):
        parts[shift_id].append(MySegment(kind, text, start.astimezone(zone), end.astimezone(zone)))
    return [
        MyShift(day, start.astimezone(zone), end.astimezone(zone), paid_s, parts[pk])
        for pk, day, start, end, paid_s in shifts.order_by("start").values_list(
            "pk", "local_date", "start", "end", "paid_s"
        )
    ]
