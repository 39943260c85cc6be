"""What the planner promises: targets of a queue over days, coefficients over instants."""

from __future__ import annotations

from django.contrib import admin

from apps.audit.services.admin_log import AuditedChanges
from apps.staffing.forms import CoefficientForm, TargetForm
from apps.staffing.models import CoefficientSpan, StaffingTarget


@admin.register(StaffingTarget)
class StaffingTargetAdmin(AuditedChanges, admin.ModelAdmin[StaffingTarget]):
    form = TargetForm
    list_display = [
        "queue",
        "valid_from",
        "valid_to",
        "model",
        "service_level",
        "answer_within_s",
        "minimum_agents",
        "reserve",
        "absenteeism",
    ]
    list_filter = ["queue", "model"]
    list_select_related = ["queue"]
    list_per_page = 50
    autocomplete_fields = ["queue"]
    show_full_result_count = False


@admin.register(CoefficientSpan)
class CoefficientSpanAdmin(AuditedChanges, admin.ModelAdmin[CoefficientSpan]):
    form = CoefficientForm
    list_display = ["queue", "kind", "start", "end", "value"]
    list_filter = ["queue", "kind"]
    list_select_related = ["queue"]
    list_per_page = 50
    autocomplete_fields = ["queue"]
    date_hierarchy = "start"
    show_full_result_count = False
