"""Sites, departments, positions, skills, services and queues: one pair of views for all of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from django.db import transaction
from django.db.models import Model
from rest_framework import generics

from apps.accounts.policies import Capability, require
from apps.core.locks import lock_rows
from apps.core.web.api import Repeatable, content_tag, match_or_refuse, tagged
from apps.organization.api.serializers import (
    DepartmentSerializer,
    PositionSerializer,
    QueueSerializer,
    ServiceSerializer,
    SiteSerializer,
    SkillSerializer,
)
from apps.organization.models import Department, Position, Queue, Service, Site, Skill
from apps.organization.policies import (
    departments_visible_to,
    queues_visible_to,
    sites_visible_to,
    structure_visible_to,
)
from apps.organization.services.structure import add_row, change_row, set_opening_hours

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

    from apps.accounts.models import User

RowT = TypeVar("RowT", bound=Model)
HOURS = "opening_hours"


class StructureView(generics.GenericAPIView[RowT], Generic[RowT]):
    """What a list and a single row of the structure share."""

    def write(self, request: Request, row: RowT | None, *, partial: bool = False) -> RowT:
        """Save what the request says of `row`, or of a new one."""
        asked = self.get_serializer(row, data=request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        facts: dict[str, Any] = asked.validated_data
        hours, actor = facts.pop(HOURS, None), cast("User", request.user)
        model = cast("type[RowT]", self.serializer_class.Meta.model)  # type: ignore[union-attr]
        saved = add_row(model(**facts), actor=actor) if row is None else change_row(row, facts, actor=actor)
        if hours is not None and isinstance(saved, Queue):
            set_opening_hours(saved, hours, actor=actor)
        return self.get_queryset().get(pk=saved.pk)


class StructureList(Repeatable, StructureView[RowT]):
    creates = True

    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Add one to the list."""
        require(request.user, Capability.EDIT_MASTER_DATA)
        row = self.write(request, None)
        response = tagged(request, self.get_serializer(row).data, status=HTTPStatus.CREATED)
        response["Location"] = f"{request.path}{row.pk}/"
        return response


class StructureDetail(StructureView[RowT]):
    tagged_methods: ClassVar[frozenset[str]] = frozenset({"PUT", "PATCH"})

    def get(self, request: Request, pk: int) -> Response:
        return tagged(request, self.get_serializer(self.get_object()).data)

    def put(self, request: Request, pk: int) -> Response:
        """Write all the facts."""
        return self.change(request, partial=False)

    def patch(self, request: Request, pk: int) -> Response:
        """Write the facts that are named; the others stay as they are."""
        return self.change(request, partial=True)

    @transaction.atomic
    def change(self, request: Request, *, partial: bool) -> Response:
        require(request.user, Capability.EDIT_MASTER_DATA)
        lock_rows(type(self.get_object())._default_manager.filter(pk=self.kwargs["pk"]))  # noqa: SLF001 - Django's public name for it
        row = self.get_object()
        shown = self.get_serializer(row).data
        match_or_refuse(request, content_tag(shown), current=shown)
        changed = self.write(request, row, partial=partial)
        return tagged(request, self.get_serializer(changed).data)


class Sites(StructureView[Site]):
    queryset = Site.objects.none()
    serializer_class = SiteSerializer
    filterset_fields = ["code", "time_zone"]
    ordering_fields = ["code", "name"]

    def get_queryset(self) -> QuerySet[Site]:
        return sites_visible_to(self.request.user)


class Departments(StructureView[Department]):
    queryset = Department.objects.none()
    serializer_class = DepartmentSerializer
    filterset_fields = ["code", "parent"]
    ordering_fields = ["code", "name"]

    def get_queryset(self) -> QuerySet[Department]:
        return departments_visible_to(self.request.user)


class Positions(StructureView[Position]):
    queryset = Position.objects.none()
    serializer_class = PositionSerializer
    filterset_fields = ["name", "is_planned"]
    ordering_fields = ["name"]

    def get_queryset(self) -> QuerySet[Position]:
        return structure_visible_to(self.request.user, Position)


class Services(StructureView[Service]):
    queryset = Service.objects.none()
    serializer_class = ServiceSerializer
    filterset_fields = ["code"]
    ordering_fields = ["code", "name"]

    def get_queryset(self) -> QuerySet[Service]:
        return structure_visible_to(self.request.user, Service)


class Skills(StructureView[Skill]):
    queryset = Skill.objects.none()
    serializer_class = SkillSerializer
    filterset_fields = ["code"]
    ordering_fields = ["code", "name"]

    def get_queryset(self) -> QuerySet[Skill]:
        return structure_visible_to(self.request.user, Skill)


class Queues(StructureView[Queue]):
    queryset = Queue.objects.none()
    serializer_class = QueueSerializer
    filterset_fields = ["code", "service", "channel"]
    ordering_fields = ["code", "name", "priority"]

    def get_queryset(self) -> QuerySet[Queue]:
        visible = queues_visible_to(self.request.user)
        return visible.select_related("service").prefetch_related("opening_hours")


class SiteList(StructureList[Site], Sites):
    """The sites that the signed-in person may see."""


class SiteRow(StructureDetail[Site], Sites):
    """One site."""


class DepartmentList(StructureList[Department], Departments):
    """The departments that the signed-in person may see."""


class DepartmentRow(StructureDetail[Department], Departments):
    """One department."""


class PositionList(StructureList[Position], Positions):
    """The positions that the signed-in person may see."""


class PositionRow(StructureDetail[Position], Positions):
    """One position."""


class ServiceList(StructureList[Service], Services):
    """The services that the signed-in person may see."""


class ServiceRow(StructureDetail[Service], Services):
    """One service."""


class SkillList(StructureList[Skill], Skills):
    """The skills that the signed-in person may see."""


class SkillRow(StructureDetail[Skill], Skills):
    """One skill."""


class QueueList(StructureList[Queue], Queues):
    """The queues that the signed-in person may see."""


class QueueRow(StructureDetail[Queue], Queues):
    """One queue."""
