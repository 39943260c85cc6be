"""Services and queues with their opening hours."""

from __future__ import annotations

from django.contrib import admin

from apps.organization.admin.audited import AuditedAdmin
from apps.organization.models import OpeningHours, Queue, Service


@admin.register(Service)
class ServiceAdmin(AuditedAdmin[Service]):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]


class OpeningHoursInline(admin.TabularInline[OpeningHours, Queue]):
    model = OpeningHours
    extra = 0


@admin.register(Queue)
class QueueAdmin(AuditedAdmin[Queue]):
    list_display = ["name", "code", "service", "channel", "time_zone", "step_minutes"]
    list_filter = ["service", "channel"]
    list_select_related = ["service"]
    search_fields = ["name", "code", "external_id"]
    autocomplete_fields = ["service", "members"]
    inlines = [OpeningHoursInline]
