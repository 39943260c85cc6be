"""Labour rules with their article and meaning; a wrong figure is refused before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.algorithms.rostering.rules import REGISTRY
from apps.audit.services.admin_log import AuditedChanges
from apps.core.errors import DomainError
from apps.schedules.models import LabourRuleSetting
from apps.schedules.selectors.labour_rules import RULES, build_rule, default_figures, rule_name

if TYPE_CHECKING:
    from django.http import HttpRequest


class LabourRuleForm(forms.ModelForm[LabourRuleSetting]):
    class Meta:
        model = LabourRuleSetting
        fields = ["mode", "span", "parameters"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is not None and {"mode", "parameters"} <= cleaned.keys():
            try:
                build_rule(self.instance.code, cleaned["mode"], cleaned["parameters"] or {})
            except DomainError as error:
                raise ValidationError({"parameters": error.message}) from error
        return cleaned


@admin.register(LabourRuleSetting)
class LabourRuleSettingAdmin(AuditedChanges, admin.ModelAdmin[LabourRuleSetting]):
    form = LabourRuleForm
    list_display = ["rule", "article", "mode", "span", "parameters"]
    readonly_fields = ["rule", "article", "meaning", "usual_figures"]
    fields = ["rule", "article", "meaning", "mode", "span", "parameters", "usual_figures"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    @admin.display(description=_("rule"), ordering="code")
    def rule(self, row: LabourRuleSetting) -> str:
        return rule_name(row.code)

    @admin.display(description=_("article of the Labour Code"))
    def article(self, row: LabourRuleSetting) -> str:
        return REGISTRY[row.code].article

    @admin.display(description=_("meaning"))
    def meaning(self, row: LabourRuleSetting) -> str:
        return str(RULES[row.code][1])

    @admin.display(description=_("figures of the Code"))
    def usual_figures(self, row: LabourRuleSetting) -> str:
        return ", ".join(f"{name} = {value}" for name, value in default_figures(row.code).items())
