from __future__ import annotations

from django.contrib import admin

from apps.core.web.admin import ReadOnlyAdmin
from apps.forecasts.models import ForecastVersion


@admin.register(ForecastVersion)
class ForecastVersionAdmin(ReadOnlyAdmin[ForecastVersion]):
    list_display = ["queue", "number", "state", "start", "end", "model", "created_by", "created_at"]
    list_filter = ["state", "queue"]
    list_select_related = ["queue", "created_by"]
    list_per_page = 50
    date_hierarchy = "start"
    show_full_result_count = False
