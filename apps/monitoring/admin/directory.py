"""What statuses count as, and who or what the ids of a source are; unknown ones are found by the filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from apps.audit.services.admin_log import AuditedChanges
from apps.monitoring.models import AgentLink, AgentStatus, QueueLink
from apps.monitoring.services.linking import note_link_by_hand

if TYPE_CHECKING:
    from django.http import HttpRequest


class _Directory(AuditedChanges, admin.ModelAdmin[Any]):
    """Rows are made by what comes in; here they are given a meaning."""

    list_per_page = 50
    show_full_result_count = False
    list_select_related = ["source"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - as above
        return False


@admin.register(AgentStatus)
class AgentStatusAdmin(_Directory):
    list_display = [
        "source",
        "code",
        "name",
        "is_classified",
        "is_present",
        "is_productive",
        "is_clean_load",
        "is_actual_time",
        "is_talk",
        "is_wrap_up",
        "is_break",
    ]
    list_display_links = ["code"]
    list_filter = ["is_classified", "source"]
    search_fields = ["code", "name"]
    readonly_fields = ["source", "code", "first_seen_at"]


@admin.register(AgentLink)
class AgentLinkAdmin(_Directory):
    list_display = ["source", "external_id", "name", "number", "employee", "is_by_hand", "is_listed"]
    list_display_links = ["external_id"]
    list_filter = [("employee", admin.EmptyFieldListFilter), "is_listed", "source"]
    list_select_related = ["source", "employee"]
    search_fields = ["external_id", "name", "number", "employee__last_name"]
    readonly_fields = ["source", "external_id", "name", "number", "login", "is_listed", "first_seen_at"]
    autocomplete_fields = ["employee"]

    def save_model(self, request: HttpRequest, obj: AgentLink, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        note_link_by_hand(obj, changed=form.changed_data)
        super().save_model(request, obj, form, change)


@admin.register(QueueLink)
class QueueLinkAdmin(_Directory):
    """Groups; linking one brings what was received of it into the queue's history."""

    list_display = ["source", "external_id", "name", "channel", "queue", "is_by_hand", "is_listed"]
    list_display_links = ["external_id"]
    list_filter = [("queue", admin.EmptyFieldListFilter), "is_listed", "source"]
    list_select_related = ["source", "queue"]
    search_fields = ["external_id", "name", "service_name"]
    readonly_fields = [
        "source",
        "external_id",
        "name",
        "service_id_there",
        "service_name",
        "channel",
        "is_listed",
        "is_history_due",
        "first_seen_at",
    ]
    autocomplete_fields = ["queue"]

    def save_model(self, request: HttpRequest, obj: QueueLink, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        note_link_by_hand(obj, changed=form.changed_data)
        super().save_model(request, obj, form, change)
