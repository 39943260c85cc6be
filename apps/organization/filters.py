"""Filters of lists, named as the fields of what is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters as filters
from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from apps.accounts.policies import today
from apps.organization.models import (
    Department,
    Employee,
    EmployeeSkill,
    EmploymentTerms,
    Queue,
    QueueMembership,
    Site,
)

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import Model, QuerySet


class EmployeeFilter(filters.FilterSet):  # type: ignore[misc]
    """Of the dated facts those of today count, or those `on` another day, of who works then."""

    on = filters.DateFilter(
        method="as_it_is", label="the day whose facts count (yyyy-mm-dd), of who works then; without it today"
    )

    department = filters.ModelChoiceFilter(queryset=Department.objects.all(), method="in_department")
    site = filters.ModelChoiceFilter(queryset=Site.objects.all(), method="at_site")
    queue = filters.ModelChoiceFilter(queryset=Queue.objects.all(), method="in_queue")
    skill = filters.CharFilter(method="with_skill", label="code of a skill")
    is_employed = filters.BooleanFilter(method="employed", label="works on that day")

    class Meta:
        model = Employee
        fields = ["personnel_number", "external_id", "last_name"]

    @extend_schema_field(OpenApiTypes.INT)
    def in_department(self, rows: QuerySet[Employee], _name: str, value: Department) -> QuerySet[Employee]:
        return rows.filter(pk__in=self._held(EmploymentTerms).filter(department=value).values("employee"))

    @extend_schema_field(OpenApiTypes.INT)
    def at_site(self, rows: QuerySet[Employee], _name: str, value: Site) -> QuerySet[Employee]:
        return rows.filter(pk__in=self._held(EmploymentTerms).filter(site=value).values("employee"))

    @extend_schema_field(OpenApiTypes.INT)
    def in_queue(self, rows: QuerySet[Employee], _name: str, value: Queue) -> QuerySet[Employee]:
        return rows.filter(pk__in=self._held(QueueMembership).filter(queue=value).values("employee"))

    def with_skill(self, rows: QuerySet[Employee], _name: str, value: str) -> QuerySet[Employee]:
        return rows.filter(pk__in=EmployeeSkill.objects.filter(skill__code=value).values("employee"))

    def employed(self, rows: QuerySet[Employee], _name: str, value: bool) -> QuerySet[Employee]:  # noqa: FBT001 - as the filter gives it
        day = self._day
        works = Q(hired_on__lte=day) & (Q(dismissed_on__isnull=True) | Q(dismissed_on__gte=day))
        return rows.filter(works) if value else rows.exclude(works)

    def as_it_is(self, rows: QuerySet[Employee], _name: str, _value: dt.date) -> QuerySet[Employee]:
        """Leave who works on the day, unless it is asked otherwise; the other filters look at that day."""
        is_asked = self.form.cleaned_data.get("is_employed") is not None
        return rows if is_asked else self.employed(rows, "is_employed", value=True)

    @property
    def _day(self) -> dt.date:
        day: dt.date | None = self.form.cleaned_data.get("on")
        return day or today()

    def _held(self, model: type[Model]) -> QuerySet[Model]:
        day = self._day
        return model._default_manager.filter(valid_from__lte=day).exclude(valid_to__lt=day)  # noqa: SLF001 - Django's public name for it
