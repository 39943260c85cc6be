"""The people of a variant as rows of a grid: filtered, ordered, and only those whom the reader may see."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import get_language

from apps.core.zones import midnight
from apps.organization.policies import employees_visible_to, with_all_below
from apps.schedules.models import Absence
from apps.schedules.types import AbsenceCell, FilterChoices

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.schedules.models import PlannedPerson, ScheduleVariant
    from apps.schedules.types import GridFilters

DAY_MINUTES = 1440
MOMENT = dt.timedelta(microseconds=1)
FACTS = (
    "employee_id",
    "employee__last_name",
    "employee__first_name",
    "employee__middle_name",
    "employee__personnel_number",
    "department__name",
    "site__name",
    "time_zone",
    "work_rule__name",
    "queue__name",
    "norm_s",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands in front of a row."""

    employee_id: int
    name: str
    personnel_number: str
    department: str
    site: str
    zone: str
    work_rule: str
    queue: str
    norm_s: int
    violations: int


def people_of(
    variant: ScheduleVariant,
    user: User | AnonymousUser,
    filters: GridFilters,
    only: Collection[int] | None = None,
) -> list[Person]:
    """Give the people of the variant whom `user` may see and who pass the filters, in order of name."""
    violations = Counter(variant.violations.order_by().values_list("employee_id", flat=True))
    rows = _visible(variant, user).filter(_condition(filters))
    if only is not None:
        rows = rows.filter(employee__in=only)
    if filters.only_violations:
        rows = rows.filter(employee__in=list(violations))
    ordered = rows.order_by("employee__last_name", "employee__first_name", "employee_id")
    return [
        Person(
            employee_id=employee_id,
            name=" ".join(part for part in (last, first, middle) if part),
            personnel_number=number,
            department=department,
            site=site,
            zone=zone,
            work_rule=work_rule,
            queue=queue,
            norm_s=norm_s,
            violations=violations[employee_id],
        )
        for (
            employee_id,
            last,
            first,
            middle,
            number,
            department,
            site,
            zone,
            work_rule,
            queue,
            norm_s,
        ) in ordered.values_list(*FACTS)
    ]


def filter_choices(variant: ScheduleVariant, user: User | AnonymousUser) -> FilterChoices:
    """Give what the visible rows of the variant can be filtered by; four queries."""
    rows = _visible(variant, user).order_by()

    def distinct(name: str) -> list[tuple[int, str]]:
        return list(rows.order_by(f"{name}__name").values_list(f"{name}_id", f"{name}__name").distinct())

    zones = rows.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    return FilterChoices(distinct("department"), distinct("site"), distinct("work_rule"), list(zones))


def _visible(variant: ScheduleVariant, user: User | AnonymousUser) -> QuerySet[PlannedPerson]:
    return variant.people.filter(employee__in=employees_visible_to(user))


def _condition(filters: GridFilters) -> Q:
    condition = Q()
    if filters.department is not None:
        condition &= Q(department__in=with_all_below([filters.department]))
    if filters.site is not None:
        condition &= Q(site=filters.site)
    if filters.work_rule is not None:
        condition &= Q(work_rule=filters.work_rule)
    for word in filters.name.split():
        condition &= (
            Q(employee__last_name__icontains=word)
            | Q(employee__first_name__icontains=word)
            | Q(employee__middle_name__icontains=word)
            | Q(employee__personnel_number__icontains=word)
        )
    return condition


def absence_cells(
    zones: dict[int, str], first: dt.date, last: dt.date
) -> dict[tuple[int, dt.date], AbsenceCell]:
    """Give the absence of each person on each day of a span that it touches on the own clock; one query.

    `zones` holds the zone name by person.
    """
    one_day = dt.timedelta(days=1)
    start, end = midnight(first - one_day, "UTC"), midnight(last + 2 * one_day, "UTC")
    name = "kind__name_ru" if get_language() == "ru" else "kind__name_en"
    rows = Absence.objects.filter(employee__in=zones, start__lt=end, end__gt=start)
    cell_of = cache(AbsenceCell)
    found = {}
    for employee_id, begins, ends, code, text in rows.values_list(
        "employee_id", "start", "end", "kind__code", name
    ):
        zone = ZoneInfo(zones[employee_id])
        day = max(begins.astimezone(zone).date(), first)
        last_day = min((ends - MOMENT).astimezone(zone).date(), last)
        while day <= last_day:
            found[employee_id, day] = cell_of(code, text)
            day += one_day
    return found


class Clocks:
    """Instants as minutes of a day's local clock; many shifts share their instants, so each is asked once."""

    def __init__(self) -> None:
        self._local: dict[tuple[dt.datetime, str], tuple[int, int]] = {}
        self._zones: dict[str, ZoneInfo] = {}

    def minute(self, instant: dt.datetime, zone_name: str, day: dt.date) -> int:
        """Give minutes from the midnight that begins `day`, by the hands of the clock."""
        known = self._local.get((instant, zone_name))
        if known is None:
            zone = self._zones.setdefault(zone_name, ZoneInfo(zone_name))
            local = instant.astimezone(zone)
            known = self._local[instant, zone_name] = (local.toordinal(), local.hour * 60 + local.minute)
        return (known[0] - day.toordinal()) * DAY_MINUTES + known[1]
