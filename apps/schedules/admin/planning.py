"""Planning groups and absences."""

from __future__ import annotations

from django.contrib import admin

from apps.audit.services.admin_log import AuditedChanges
from apps.schedules.models import Absence, PlanningGroup


@admin.register(PlanningGroup)
class PlanningGroupAdmin(AuditedChanges, admin.ModelAdmin[PlanningGroup]):
    list_display = ["name", "code", "time_zone"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["queues"]


@admin.register(Absence)
class AbsenceAdmin(AuditedChanges, admin.ModelAdmin[Absence]):
    list_display = ["employee", "kind", "start", "end", "note"]
    list_filter = ["kind"]
    list_select_related = ["employee", "kind"]
    list_per_page = 50
    date_hierarchy = "start"
    autocomplete_fields = ["employee"]
    search_fields = ["employee__last_name", "employee__personnel_number"]
    show_full_result_count = False
