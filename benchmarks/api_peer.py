"""The peer of the benchmark of the API: the same list by plain Django REST framework, without sign-in.

A `ModelSerializer` with nested serializers and `prefetch_related`, pages by number, stock JSON renderer; only
the middleware that Django's own template of a project has for every request.
"""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import generics, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer

from apps.organization.models import Employee, EmployeeSkill, EmploymentTerms, QueueMembership


class TermsSerializer(serializers.ModelSerializer[EmploymentTerms]):
    class Meta:
        model = EmploymentTerms
        fields = "__all__"


class MembershipSerializer(serializers.ModelSerializer[QueueMembership]):
    class Meta:
        model = QueueMembership
        fields = "__all__"


class SkillSerializer(serializers.ModelSerializer[EmployeeSkill]):
    class Meta:
        model = EmployeeSkill
        fields = "__all__"


class EmployeeSerializer(serializers.ModelSerializer[Employee]):
    terms = TermsSerializer(many=True)
    memberships = MembershipSerializer(many=True)
    skills = SkillSerializer(many=True)

    class Meta:
        model = Employee
        fields = "__all__"


class Pages(PageNumberPagination):
    page_size = 50


class EmployeeList(generics.ListAPIView[Employee]):
    """The peer's list."""

    queryset = Employee.objects.prefetch_related("terms", "memberships", "skills")
    serializer_class = EmployeeSerializer
    pagination_class = Pages
    renderer_classes = [JSONRenderer]
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []
    filter_backends: list[Any] = []


urlpatterns = [path("api/v1/employees/", EmployeeList.as_view())]
