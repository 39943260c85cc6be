"""Variants to look at; they are made by planning and changed by publishing."""

from __future__ import annotations

from django.contrib import admin

from apps.core.web.admin import ReadOnlyAdmin
from apps.schedules.models import ScheduleVariant


@admin.register(ScheduleVariant)
class ScheduleVariantAdmin(ReadOnlyAdmin[ScheduleVariant]):
    list_display = ["group", "month", "number", "state", "created_by", "created_at", "published_at"]
    list_filter = ["state", "group"]
    list_select_related = ["group", "created_by"]
    list_per_page = 50
    date_hierarchy = "month"
    show_full_result_count = False
