"""Imports of history with the rows that they refused; the intervals themselves have pages of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from apps.core.web.admin import ReadOnlyAdmin
from apps.demand.models import ImportBatch, ImportRowError


def _never(_inline: object, *_args: Any, **_named: Any) -> bool:
    return False


class RowErrorInline(admin.TabularInline[ImportRowError, ImportBatch]):
    model = ImportRowError
    fields = ["line", "column", "reason", "value"]
    extra = 0

    has_add_permission = has_change_permission = has_delete_permission = _never


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin[ImportBatch]):
    list_display = [
        "file_name",
        "queue",
        "state",
        "rows_read",
        "rows_loaded",
        "rows_unchanged",
        "rows_refused",
        "created_by",
        "created_at",
    ]
    list_filter = ["state", "queue"]
    list_select_related = ["queue", "created_by"]
    list_per_page = 50
    search_fields = ["file_name", "source", "sha256"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = [RowErrorInline]
