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
from apps.schedules.selectors.my_schedule import my_schedule

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from apps.schedules.types import MyDay, MySchedule


class MyPage(PageMixin, View):
    """Today's and the next shift, then the month with its breaks, on the person's own clock."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_OWN_SCHEDULE)
        employee = Employee.objects.filter(user=request.user.pk).first()
        context: dict[str, Any] = {"section": "mine", "employee": employee}
        if employee is None:
            return render(request, "schedules/mine.html", context)
        now = clock.now()
        current = my_schedule(employee, now.date().replace(day=1))
        today = now.astimezone(ZoneInfo(current.zone)).date()
        month = _month(request, today.replace(day=1))
        shown = current if month == current.month else my_schedule(employee, month)
        context |= {
            "today": today,
            "schedule": shown,
            "next_day": _next_shift(current, now)
            or _next_shift(my_schedule(employee, month_after(current.month)), now),
            "month": month,
            "previous_month": month_after(month, -1),
            "following_month": month_after(month),
        }
        return render(request, "schedules/mine.html", context)


def _month(request: HttpRequest, otherwise: dt.date) -> dt.date:
    text = request.GET.get("month", "")
    if not text:
        return otherwise
    try:
        return MonthConverter().to_python(text)
    except ValueError as error:
        raise DomainError(str(error)) from error


def _next_shift(schedule: MySchedule, now: dt.datetime) -> MyDay | None:
    """Give the day of the shift that runs now or comes next."""
    ahead = (day for day in schedule.days if day.shift is not None and day.shift.end > now)
    return next(ahead, None)
