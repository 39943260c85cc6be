"""People with their dated facts; personal limits only for those who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from apps.accounts.policies import today
from apps.organization.admin.audited import AuditedAdmin
from apps.organization.forms import DatedFormSet, MembershipFormSet
from apps.organization.models import (
    Employee,
    EmployeeSkill,
    EmploymentTerms,
    PersonalLimit,
    QueueMembership,
    Skill,
)
from apps.organization.policies import employees_visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class TermsInline(admin.StackedInline[EmploymentTerms, Employee]):
    model = EmploymentTerms
    formset = DatedFormSet
    extra = 0
    autocomplete_fields = ["position", "department", "site"]


class LimitInline(admin.TabularInline[PersonalLimit, Employee]):
    """Shown only to who has the capability: the permission backend asks for it by this model's name."""

    model = PersonalLimit
    extra = 0


class SkillInline(admin.TabularInline[EmployeeSkill, Employee]):
    model = EmployeeSkill
    extra = 0
    autocomplete_fields = ["skill"]


class MembershipInline(admin.TabularInline[QueueMembership, Employee]):
    model = QueueMembership
    formset = MembershipFormSet
    extra = 0
    autocomplete_fields = ["queue"]


class EmployedFilter(admin.SimpleListFilter):
    title = _("employed")
    parameter_name = "employed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's signature
        return [("now", _("Now")), ("left", _("Left"))]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Employee],
    ) -> QuerySet[Employee]:
        if self.value() == "now":
            return queryset.exclude(dismissed_on__lt=today()).filter(hired_on__lte=today())
        if self.value() == "left":
            return queryset.filter(dismissed_on__lt=today())
        return queryset


@admin.register(Employee)
class EmployeeAdmin(AuditedAdmin[Employee]):
    """Cards of people; the list shows today's department and site."""

    list_display = ["__str__", "personnel_number", "department_now", "site_now", "hired_on", "dismissed_on"]
    list_filter = [EmployedFilter, "terms__site", "memberships__queue"]
    search_fields = ["last_name", "first_name", "middle_name", "personnel_number", "external_id"]
    autocomplete_fields = ["user"]
    inlines = [TermsInline, MembershipInline, SkillInline, LimitInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Employee]:
        day = today()
        current = EmploymentTerms.objects.filter(employee=OuterRef("pk"), valid_from__lte=day).exclude(
            valid_to__lt=day
        )
        visible = employees_visible_to(request.user).values("pk")
        return (
            super()
            .get_queryset(request)
            .filter(pk__in=visible)
            .annotate(
                department_now=Subquery(current.values("department__name")[:1]),
                site_now=Subquery(current.values("site__name")[:1]),
            )
        )

    @admin.display(description=_("department"), ordering="department_now")
    def department_now(self, obj: Any) -> str:
        return obj.department_now or ""

    @admin.display(description=_("site"), ordering="site_now")
    def site_now(self, obj: Any) -> str:
        return obj.site_now or ""


@admin.register(Skill)
class SkillAdmin(AuditedAdmin[Skill]):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]
