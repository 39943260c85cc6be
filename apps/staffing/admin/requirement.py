from __future__ import annotations

from django.contrib import admin

from apps.core.web.admin import ReadOnlyAdmin
from apps.staffing.models import RequirementVersion


@admin.register(RequirementVersion)
class RequirementVersionAdmin(ReadOnlyAdmin[RequirementVersion]):
    list_display = ["queue", "number", "state", "start", "end", "forecast", "created_by", "created_at"]
    list_filter = ["state", "queue"]
    list_select_related = ["queue", "forecast__queue", "created_by"]
    list_per_page = 50
    date_hierarchy = "start"
    show_full_result_count = False
