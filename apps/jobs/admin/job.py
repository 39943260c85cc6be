from __future__ import annotations

from django.contrib import admin

from apps.core.web.admin import ReadOnlyAdmin
from apps.jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    list_display = ["title", "kind", "state", "stage", "progress", "created_by", "created_at", "finished_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["created_by"]
    search_fields = ["title", "dedupe_key"]
    show_full_result_count = False
