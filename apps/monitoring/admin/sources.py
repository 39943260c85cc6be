from __future__ import annotations

from typing import Any

from django.contrib import admin

from apps.core.web.admin import ReadOnlyAdmin
from apps.monitoring.models import Feed, Source


def _never(_inline: object, *_args: Any, **_named: Any) -> bool:
    return False


class FeedInline(admin.TabularInline[Feed, Source]):
    model = Feed
    fields = ["transport", "state", "state_since", "heard_at", "data_at"]
    extra = 0

    has_add_permission = has_change_permission = has_delete_permission = _never


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin[Source]):
    """Where data come from, how far its clock is off, and when it was last heard of."""

    list_display = ["code", "time_zone", "clock_offset_ms", "clock_offset_since", "created_at"]
    search_fields = ["code"]
    list_per_page = 50
    inlines = [FeedInline]
