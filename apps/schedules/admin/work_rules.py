"""Work rules with their shift templates, break policies with their rules, and who works by which."""

from __future__ import annotations

from django.contrib import admin

from apps.audit.services.admin_log import AuditedChanges
from apps.schedules.models import BreakPolicy, BreakRule, ShiftTemplate, WorkRule, WorkRuleAssignment


class BreakRuleInline(admin.TabularInline[BreakRule, BreakPolicy]):
    model = BreakRule
    extra = 0


@admin.register(BreakPolicy)
class BreakPolicyAdmin(AuditedChanges, admin.ModelAdmin[BreakPolicy]):
    list_display = ["name", "code", "min_without_break_minutes", "max_without_break_minutes"]
    search_fields = ["name", "code"]
    inlines = [BreakRuleInline]


class ShiftTemplateInline(admin.TabularInline[ShiftTemplate, WorkRule]):
    model = ShiftTemplate
    extra = 0


@admin.register(WorkRule)
class WorkRuleAdmin(AuditedChanges, admin.ModelAdmin[WorkRule]):
    list_display = [
        "name",
        "code",
        "rotation",
        "weekdays",
        "max_days_a_week",
        "follows_calendar",
        "break_policy",
    ]
    list_filter = ["follows_calendar", "break_policy"]
    list_select_related = ["break_policy"]
    list_per_page = 50
    search_fields = ["name", "code"]
    inlines = [ShiftTemplateInline]


@admin.register(WorkRuleAssignment)
class WorkRuleAssignmentAdmin(AuditedChanges, admin.ModelAdmin[WorkRuleAssignment]):
    list_display = ["employee", "work_rule", "anchor", "valid_from", "valid_to"]
    list_filter = ["work_rule"]
    list_select_related = ["employee", "work_rule"]
    list_per_page = 50
    autocomplete_fields = ["employee", "work_rule"]
    search_fields = ["employee__last_name", "employee__personnel_number"]
    show_full_result_count = False
