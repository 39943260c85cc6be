from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import generics

from apps.organization.api.serializers import (
    DepartmentSerializer,
    EmployeeSerializer,
    QueueSerializer,
    SiteSerializer,
)
from apps.organization.models import Department, Employee, Queue, Site
from apps.organization.policies import (
    departments_visible_to,
    employees_visible_to,
    queues_visible_to,
    sites_visible_to,
)
from apps.organization.selectors import with_todays_facts

if TYPE_CHECKING:
    from django.db.models import QuerySet


class SiteList(generics.ListAPIView[Site]):
    """The sites that the signed-in person may see."""

    serializer_class = SiteSerializer
    filterset_fields = ["code", "time_zone"]
    ordering_fields = ["code", "name"]

    def get_queryset(self) -> QuerySet[Site]:
        return sites_visible_to(self.request.user)


class DepartmentList(generics.ListAPIView[Department]):
    """The departments that the signed-in person answers for."""

    serializer_class = DepartmentSerializer
    filterset_fields = ["code", "parent"]
    ordering_fields = ["code", "name"]

    def get_queryset(self) -> QuerySet[Department]:
        return departments_visible_to(self.request.user)


class QueueList(generics.ListAPIView[Queue]):
    """The queues that the signed-in person may see."""

    serializer_class = QueueSerializer
    filterset_fields = ["code", "service", "channel"]
    ordering_fields = ["code", "name", "priority"]

    def get_queryset(self) -> QuerySet[Queue]:
        visible = queues_visible_to(self.request.user)
        return visible.select_related("service").prefetch_related("opening_hours")


class QueueDetail(generics.RetrieveAPIView[Queue]):
    """One queue."""

    serializer_class = QueueSerializer

    def get_queryset(self) -> QuerySet[Queue]:
        visible = queues_visible_to(self.request.user)
        return visible.select_related("service").prefetch_related("opening_hours")


class EmployeeList(generics.ListAPIView[Employee]):
    """The people that the signed-in person may see, with what holds for them today."""

    serializer_class = EmployeeSerializer
    filterset_fields = ["personnel_number", "external_id"]
    ordering_fields = ["last_name", "personnel_number", "hired_on"]

    def get_queryset(self) -> QuerySet[Employee]:
        return with_todays_facts(employees_visible_to(self.request.user))


class EmployeeDetail(generics.RetrieveAPIView[Employee]):
    """One person."""

    serializer_class = EmployeeSerializer

    def get_queryset(self) -> QuerySet[Employee]:
        return with_todays_facts(employees_visible_to(self.request.user))
