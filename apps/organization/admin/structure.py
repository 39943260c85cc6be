"""Sites, departments with their deputies, positions."""

from __future__ import annotations

from django.contrib import admin

from apps.organization.admin.audited import AuditedAdmin
from apps.organization.forms import DeputyFormSet
from apps.organization.models import Department, DeputyPeriod, Position, Site


@admin.register(Site)
class SiteAdmin(AuditedAdmin[Site]):
    list_display = ["name", "code", "time_zone", "calendar_code"]
    search_fields = ["name", "code"]


class DeputyInline(admin.TabularInline[DeputyPeriod, Department]):
    model = DeputyPeriod
    formset = DeputyFormSet
    extra = 0
    autocomplete_fields = ["employee"]


@admin.register(Department)
class DepartmentAdmin(AuditedAdmin[Department]):
    list_display = ["name", "code", "parent", "manager"]
    list_select_related = ["parent", "manager"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["parent", "manager"]
    inlines = [DeputyInline]


@admin.register(Position)
class PositionAdmin(AuditedAdmin[Position]):
    list_display = ["name", "is_planned"]
    list_filter = ["is_planned"]
    search_fields = ["name"]
