"""Planning groups and absences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.audit.services.admin_log import AuditedChanges
from apps.schedules.models import Absence, PlanningGroup, Shift


@admin.register(PlanningGroup)
class PlanningGroupAdmin(AuditedChanges, admin.ModelAdmin[PlanningGroup]):
    list_display = ["name", "code", "time_zone"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["queues"]


class AbsenceForm(forms.ModelForm[Absence]):
    class Meta:
        model = Absence
        fields = ["employee", "kind", "start", "end", "note"]

    def clean(self) -> dict[str, Any] | None:
        """Name the published shift in the way; the database refuses it too."""
        cleaned = super().clean()
        if cleaned is not None and {"employee", "start", "end"} <= cleaned.keys():
            clash = Shift.objects.filter(
                employee=cleaned["employee"],
                is_published=True,
                start__lt=cleaned["end"],
                end__gt=cleaned["start"],
            ).first()
            if clash is not None:
                message = _("The person has a published shift on %(day)s.")
                raise ValidationError(message % {"day": clash.local_date})
        return cleaned


@admin.register(Absence)
class AbsenceAdmin(AuditedChanges, admin.ModelAdmin[Absence]):
    form = AbsenceForm
    list_display = ["employee", "kind", "start", "end", "note"]
    list_filter = ["kind"]
    list_select_related = ["employee", "kind"]
    list_per_page = 50
    date_hierarchy = "start"
    autocomplete_fields = ["employee"]
    search_fields = ["employee__last_name", "employee__personnel_number"]
    show_full_result_count = False
