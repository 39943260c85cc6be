"""Schedules by `/api/v1/`: read variants, plan a month, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import NotFoundError
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.bodies import refuse_body
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.organization.policies import employees_visible_to
from apps.schedules.api.serializers import (
    CoverSerializer,
    GenerateSerializer,
    MonthField,
    ShiftSerializer,
    VariantDetailSerializer,
    VariantSerializer,
    ViolationSerializer,
)
from apps.schedules.models import RuleViolation, ScheduleVariant, Shift
from apps.schedules.policies import variants_visible_to
from apps.schedules.selectors.cover import cover_by_queue
from apps.schedules.services.optimisation import request_plan
from apps.schedules.services.publishing import publish_variant

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


def visible_variant(request: Request, pk: int) -> ScheduleVariant:
    """Give the variant, or `NotFoundError` where the person may not know of it."""
    found = variants_visible_to(cast("Any", request.user)).select_related("group").filter(pk=pk).first()
    if found is None:
        raise NotFoundError(_("There is no variant %(key)s.") % {"key": pk})
    return found


@extend_schema_view(
    get=extend_schema(
        parameters=[
            OpenApiParameter("group", str, description="Code of the planning group."),
            OpenApiParameter("month", str, description="yyyy-mm"),
        ]
    )
)
class VariantList(generics.ListAPIView[ScheduleVariant]):
    """Variants with their figures, newest first; `?group=&month=yyyy-mm&state=`."""

    serializer_class = VariantSerializer
    queryset = ScheduleVariant.objects.none()
    filterset_fields = ["state"]
    extra_filters = {"group", "month"}
    ordering_fields = ["month", "number", "created_at"]

    def get_queryset(self) -> QuerySet[ScheduleVariant]:
        rows = variants_visible_to(cast("Any", self.request.user)).select_related("group")
        group, month = self.request.GET.get("group"), self.request.GET.get("month")
        if group:
            rows = rows.filter(group__code=group)
        if month:
            rows = rows.filter(month=MonthField().run_validation(month))
        return rows.order_by("-month", "-created_at", "-pk")


class VariantDetail(generics.RetrieveAPIView[ScheduleVariant]):
    """One variant with what it was asked for and why something could not be met."""

    queryset = ScheduleVariant.objects.none()
    serializer_class = VariantDetailSerializer

    def get_queryset(self) -> QuerySet[ScheduleVariant]:
        rows = variants_visible_to(cast("Any", self.request.user)).select_related("group")
        return rows.prefetch_related("requirements")


class ShiftList(generics.ListAPIView[Shift]):
    """The shifts of a variant with their activities; `?employee=&local_date=`."""

    queryset = Shift.objects.none()
    serializer_class = ShiftSerializer
    filterset_fields = {"employee": ["exact"], "local_date": ["exact", "gte", "lte"]}
    ordering_fields = ["start", "employee"]

    def get_queryset(self) -> QuerySet[Shift]:
        variant = visible_variant(self.request, self.kwargs["pk"])
        rows = variant.shifts.filter(employee__in=employees_visible_to(cast("Any", self.request.user)))
        return rows.prefetch_related("activities__kind").order_by("start", "pk")


class CoverDetail(APIView):
    """Required and scheduled agents of each queue in slots of 15 minutes."""

    @extend_schema(responses=CoverSerializer)
    def get(self, request: Request, pk: int) -> Response:
        variant = visible_variant(request, pk)
        covers = cover_by_queue(variant)
        codes = dict(variant.group.queues.values_list("pk", "code"))
        return Response(
            {
                "start": variant.start,
                "slot_s": next((part.slot_s for part in covers.values()), None),
                "queues": {
                    codes.get(queue_id, str(queue_id)): {
                        "required": part.required.tolist(),
                        "scheduled": part.scheduled.tolist(),
                    }
                    for queue_id, part in covers.items()
                },
            }
        )


class ConflictList(generics.ListAPIView[RuleViolation]):
    """What the labour rules find in the variants; `?variant=&code=&mode=&employee=`."""

    queryset = RuleViolation.objects.none()
    serializer_class = ViolationSerializer
    filterset_fields = ["variant", "employee", "code", "mode"]
    ordering_fields = ["start", "code"]

    def get_queryset(self) -> QuerySet[RuleViolation]:
        user = cast("Any", self.request.user)
        rows = RuleViolation.objects.filter(
            variant__in=variants_visible_to(user), employee__in=employees_visible_to(user)
        )
        return rows.order_by("variant", "start", "pk")


class Generate(Repeatable, APIView):
    """Plan a month: 202 with the job; 409 with the running job when the month is being planned already."""

    @extend_schema(request=GenerateSerializer, responses={202: JOB_ACCEPTED})
    def post(self, request: Request) -> Response:
        wanted = GenerateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked = wanted.validated_data
        job = request_plan(
            group_id=asked["group"].pk,
            month=asked["month"],
            actor=cast("Any", request.user),
            seed=asked["seed"],
            time_limit_s=asked["time_limit_s"],
        )
        return accepted(job.pk)


class Publish(Repeatable, APIView):
    """Publish a draft; 409 names what stands against it."""

    @extend_schema(request=None, responses=VariantSerializer)
    def post(self, request: Request, pk: int) -> Response:
        refuse_body(request)
        variant = publish_variant(variant_id=pk, actor=cast("Any", request.user))
        return Response(VariantSerializer(variant).data)
