"""Vacations as 1C takes them from a file: full name, type, first and last day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apps.core.zones import midnight
from apps.integrations.selectors.schedule_sends import zones_on
from apps.organization.policies import employees_visible_to
from apps.schedules.models import Absence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User
    from apps.organization.models import Employee

ANNUAL = "ОТ"
TYPE = "Основной"
"""What 1C calls the annual paid leave."""
DAY = dt.timedelta(days=1)
WIDEST = "Etc/GMT-14"  # the earliest midnight there is


@dataclass(frozen=True)
class Vacation:
    """A vacation by the clock of the person's site, both days included."""

    name: str
    personnel_number: str
    first: dt.date
    last: dt.date
    kind: str = TYPE


def vacations_of(user: User | AnonymousUser | None, first: dt.date, last: dt.date) -> list[Vacation]:
    """Give the annual vacations that begin on a day from `first` to `last`, by day and name; two queries.

    Of people whom `user` may see; without a user of everybody.
    """
    absences = Absence.objects.filter(
        kind__time_code__letter=ANNUAL,
        end__gt=midnight(first, WIDEST),
        start__lt=midnight(last + 2 * DAY, "UTC"),
    ).select_related("employee")
    if user is not None:
        absences = absences.filter(employee__in=employees_visible_to(user).order_by().values("pk"))
    rows = list(absences.order_by("start", "pk"))
    zones = zones_on({(row.employee_id, row.start.date()) for row in rows})
    found = (
        _vacation(row.employee, row.start, row.end, zones.get((row.employee_id, row.start.date()), "UTC"))
        for row in rows
    )
    return _in_order(vacation for vacation in found if first <= vacation.first <= last)


def _vacation(person: Employee, start: dt.datetime, end: dt.datetime, zone: str) -> Vacation:
    local = ZoneInfo(zone)
    last = end.astimezone(local) - dt.timedelta(microseconds=1)
    return Vacation(str(person), person.personnel_number, start.astimezone(local).date(), last.date())


def _in_order(vacations: Iterable[Vacation]) -> list[Vacation]:
    return sorted(vacations, key=lambda one: (one.first, one.name, one.personnel_number))
