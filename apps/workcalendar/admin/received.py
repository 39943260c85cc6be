"""What the personnel system told of norms, leave and time codes: seen here, written by runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from apps.core.web.admin import ReadOnlyAdmin
from apps.organization.policies import employees_visible_to
from apps.workcalendar.models import PersonNorm, ReceivedTimeCode, ReceivedTimeSummary, VacationBalance

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

HOUR_S = 3600
NAMES = (
    "employee__last_name",
    "employee__first_name",
    "employee__personnel_number",
    "employee__external_id",
)


class OfPeople(ReadOnlyAdmin[Any]):
    """Rows of the people whom the reader may see."""

    list_select_related = ["employee"]
    search_fields = NAMES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible = employees_visible_to(request.user).values("pk")
        return super().get_queryset(request).filter(employee__in=visible)

    @admin.display(description=_("personnel number"), ordering="employee__personnel_number")
    def personnel_number(self, obj: Any) -> str:
        return str(obj.employee.personnel_number)


@admin.register(PersonNorm)
class PersonNormAdmin(OfPeople):
    list_display = ["employee", "personnel_number", "mode", "first", "last", "hours", "own_hours", "source"]
    list_filter = ["mode", "first", "source"]

    @admin.display(description=_("norm, hours"), ordering="seconds")
    def hours(self, obj: PersonNorm) -> str:
        return _hours(obj.seconds)

    @admin.display(description=_("our own norm, hours"), ordering="own_seconds")
    def own_hours(self, obj: PersonNorm) -> str:
        return "" if obj.own_seconds is None else _hours(obj.own_seconds)


@admin.register(VacationBalance)
class VacationBalanceAdmin(OfPeople):
    list_display = ["employee", "personnel_number", "date", "days", "source", "received_at"]
    list_filter = ["date", "source"]
    date_hierarchy = "date"


@admin.register(ReceivedTimeCode)
class ReceivedTimeCodeAdmin(OfPeople):
    list_display = ["employee", "personnel_number", "date", "code", "hours", "source"]
    list_filter = ["code", "date", "source"]
    date_hierarchy = "date"

    @admin.display(description=_("hours"), ordering="seconds")
    def hours(self, obj: ReceivedTimeCode) -> str:
        return _hours(obj.seconds) if obj.seconds else ""


@admin.register(ReceivedTimeSummary)
class ReceivedTimeSummaryAdmin(OfPeople):
    list_display = [
        "employee",
        "personnel_number",
        "first",
        "half1_days",
        "half1_hours",
        "half2_days",
        "half2_hours",
        "absence_codes",
        "source",
    ]
    list_filter = ["first", "source"]

    @admin.display(description=_("hours of the first half"), ordering="half1_seconds")
    def half1_hours(self, obj: ReceivedTimeSummary) -> str:
        return _hours(obj.half1_seconds)

    @admin.display(description=_("hours of the second half"), ordering="half2_seconds")
    def half2_hours(self, obj: ReceivedTimeSummary) -> str:
        return _hours(obj.half2_seconds)

    @admin.display(description=_("absences"))
    def absence_codes(self, obj: ReceivedTimeSummary) -> str:
        return ", ".join(f"{code} {text}" for code, text in obj.absences)


def _hours(seconds: int) -> str:
    hours = round(seconds / HOUR_S, 2)
    return number_format(hours, decimal_pos=0 if hours == int(hours) else None)
