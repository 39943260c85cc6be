from __future__ import annotations

from django.contrib import admin

from apps.audit.models import AuditEntry
from apps.core.web.admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    list_display = ["at", "actor", "action", "object_type", "object_id", "address"]
    list_filter = ["action", "object_type"]
    list_select_related = ["actor"]
    search_fields = ["object_id", "request_id"]
    date_hierarchy = "at"
    show_full_result_count = False
