"""Work rules with their shift templates, break policies with their rules, and who works by which."""

from __future__ import annotations

from itertools import pairwise
from operator import itemgetter
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _

from apps.audit.services.admin_log import AuditedChanges
from apps.schedules.models import BreakPolicy, BreakRule, ShiftTemplate, WorkRule, WorkRuleAssignment


class BreakRuleFormSet(BaseInlineFormSet[BreakRule, BreakPolicy, Any]):
    """One rule per length of shift; the database says so too, but a form set cannot ask it."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        rows = [
            form.cleaned_data
            for form in kept
            if {"paid_from_minutes", "paid_to_minutes"} <= form.cleaned_data.keys()
        ]
        for one, other in pairwise(sorted(rows, key=itemgetter("paid_from_minutes"))):
            if other["paid_from_minutes"] <= one["paid_to_minutes"]:
                raise ValidationError(_("Two break rules are for the same lengths of shift."))


class BreakRuleInline(admin.TabularInline[BreakRule, BreakPolicy]):
    model = BreakRule
    formset = BreakRuleFormSet
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
