"""Production calendars: years filled from files, single days overridden with a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from apps.accounts.policies import Capability, may
from apps.core.web.admin import ReadOnlyAdmin
from apps.workcalendar.choices import DayKind
from apps.workcalendar.forms import CalendarImportForm, OverrideForm
from apps.workcalendar.models import CalendarDay, CalendarOverride, CalendarYear, ProductionCalendar
from apps.workcalendar.selectors import norm_table
from apps.workcalendar.services.loading import import_xmlcalendar
from apps.workcalendar.services.overriding import remove_override, set_override

if TYPE_CHECKING:
    from fractions import Fraction

    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from apps.accounts.models import User


def may_edit(_admin: object, request: HttpRequest, *_object: Any, **_named: Any) -> bool:
    """Tell whether the person may edit master data, in the shape of the admin's permission methods."""
    return may(request.user, Capability.EDIT_MASTER_DATA)


def actor_of(request: HttpRequest) -> User:
    """Give who asks; the permission methods let no anonymous person in."""
    return cast("User", request.user)


@admin.register(ProductionCalendar)
class ProductionCalendarAdmin(ReadOnlyAdmin[ProductionCalendar]):
    list_display = ["code", "name"]


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnlyAdmin[CalendarYear]):
    """A year is added by the file that fills it; adding it again replaces it."""

    form = CalendarImportForm
    list_display = ["calendar", "year", "source"]
    list_filter = ["calendar", "year"]
    list_select_related = ["calendar"]
    ordering = ["calendar", "-year"]
    fields = ["calendar", "year", "source", "working_days", "norms"]
    readonly_fields = ["working_days", "norms"]
    has_add_permission = may_edit

    def get_fields(self, request: HttpRequest, obj: CalendarYear | None = None) -> Any:
        if obj is None:
            return ["calendar_code", "calendar_name", "file"]
        return super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: CalendarYear | None = None) -> Any:
        return [] if obj is None else super().get_readonly_fields(request, obj)

    def save_model(
        self, request: HttpRequest, obj: CalendarYear, form: ModelForm[Any], *_change: Any, **_named: Any
    ) -> None:
        year = import_xmlcalendar(
            calendar_code=form.cleaned_data["calendar_code"],
            calendar_name=form.cleaned_data["calendar_name"],
            content=form.cleaned_data["content"],
            file_name=form.cleaned_data["file"].name,
            actor=actor_of(request),
        )
        obj.pk, obj.calendar, obj.year, obj.source = year.pk, year.calendar, year.year, year.source

    @admin.display(description=_("working days"))
    def working_days(self, obj: CalendarYear) -> int:
        return norm_table(obj.calendar.code, obj.year).working_days

    @admin.display(description=_("norm of 40 hours a week, hours"))
    def norms(self, obj: CalendarYear) -> SafeString:
        table = norm_table(obj.calendar.code, obj.year)
        names = [f"{month:02d}" for month in range(1, 13)] + ["I", "II", "III", "IV", str(obj.year)]
        minutes = [*table.months, *table.quarters, table.total]
        cells = list(zip(names, (_hours(one) for one in minutes), strict=True))
        return format_html(
            "<table><thead><tr>{}</tr></thead><tbody><tr>{}</tr></tbody></table>",
            format_html_join("", '<th scope="col">{}</th>', ((name,) for name, _value in cells)),
            format_html_join("", "<td>{}</td>", ((value,) for _name, value in cells)),
        )


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnlyAdmin[CalendarDay]):
    list_display = ["date", "calendar", "kind", "is_short", "holiday_name", "moved_from"]
    list_filter = ["calendar", "kind", "is_short"]
    list_select_related = ["calendar"]
    date_hierarchy = "date"
    search_fields = ["holiday_name"]


@admin.register(CalendarOverride)
class CalendarOverrideAdmin(admin.ModelAdmin[CalendarOverride]):
    form = OverrideForm
    list_display = ["date", "calendar", "kind", "is_short", "note", "created_by", "created_at"]
    list_filter = ["calendar", "kind"]
    list_select_related = ["calendar", "created_by"]
    date_hierarchy = "date"
    search_fields = ["note"]
    readonly_fields = ["calendar", "date", "created_by", "created_at"]
    has_view_permission = has_add_permission = may_edit
    has_change_permission = has_delete_permission = may_edit

    def get_readonly_fields(self, request: HttpRequest, obj: CalendarOverride | None = None) -> Any:
        return [] if obj is None else super().get_readonly_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: CalendarOverride, *_form: Any, **_named: Any) -> None:
        stored = set_override(
            calendar_code=obj.calendar.code,
            date=obj.date,
            kind=DayKind(obj.kind),
            is_short=obj.is_short,
            note=obj.note,
            actor=actor_of(request),
        )
        obj.pk = stored.pk

    def delete_model(self, request: HttpRequest, obj: CalendarOverride) -> None:
        remove_override(override_id=obj.pk, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CalendarOverride]) -> None:
        for override in queryset.order_by("pk"):
            self.delete_model(request, override)


def _hours(minutes: Fraction) -> str:
    return number_format(float(minutes / 60), decimal_pos=None if minutes % 60 else 0)
