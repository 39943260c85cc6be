"""A person's own schedule, on a phone first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.shortcuts import render
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.web.converters import MonthConverter, month_after
from apps.core.web.pages import PageMixin
from apps.organization.models import Employee
from apps.schedules.selectors.my_schedule import my_schedule, next_shift, own_zone_name

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from apps.schedules.types import MySchedule, MyShift


class MyPage(PageMixin, View):
    """The shift that runs or comes next, then the month with its breaks, on the person's own clock."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_OWN_SCHEDULE)
        employee = Employee.objects.filter(user=request.user.pk).first()
        context: dict[str, Any] = {"section": "mine", "employee": employee}
        if employee is None:
            return render(request, "schedules/mine.html", context)
        now = clock.now()
        today = now.astimezone(ZoneInfo(own_zone_name(employee, now.date()))).date()
        ahead = next_shift(employee, now)
        schedule = _shown(request, employee, today, ahead)
        context |= {
            "today": today,
            "schedule": schedule,
            "next_shift": ahead,
            "is_running": ahead is not None and ahead.start <= now,
            "month": schedule.month,
            "previous_month": month_after(schedule.month, -1),
            "following_month": month_after(schedule.month),
        }
        return render(request, "schedules/mine.html", context)


def _shown(request: HttpRequest, employee: Employee, today: dt.date, ahead: MyShift | None) -> MySchedule:
    """Give the month of the address, else this one; the month of the next shift while this one is empty."""
    text = request.GET.get("month", "")
    if text:
        return my_schedule(employee, _month(text))
    current = my_schedule(employee, today.replace(day=1))
    if ahead is None or current.published_at is not None or any(day.shifts for day in current.days):
        return current
    return my_schedule(employee, ahead.date.replace(day=1))


def _month(text: str) -> dt.date:
    try:
        return MonthConverter().to_python(text)
    except ValueError as error:
        raise DomainError(str(error)) from error
