"""The log of edits to look at; only the editing service writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from apps.core.web.admin import ReadOnlyAdmin
from apps.schedules.models import ScheduleEdit, ShiftChange

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class ShiftChangeInline(admin.TabularInline[ShiftChange, ScheduleEdit]):
    """Only shown: the admin of edits lets nobody change them, and its inlines with them."""

    model = ShiftChange
    fields = ("shift_id", "employee", "before", "after")
    readonly_fields = ("shift_id", "employee", "before", "after")
    extra = 0
    max_num = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShiftChange]:
        return super().get_queryset(request).select_related("employee")


@admin.register(ScheduleEdit)
class ScheduleEditAdmin(ReadOnlyAdmin[ScheduleEdit]):
    list_display = ["variant", "number", "kind", "state", "actor", "source", "reason", "created_at"]
    list_filter = ["kind", "state", "source"]
    list_select_related = ["variant__group", "actor"]
    list_per_page = 50
    date_hierarchy = "created_at"
    search_fields = ["reason", "request_id", "actor__username"]
    show_full_result_count = False
    inlines = [ShiftChangeInline]
