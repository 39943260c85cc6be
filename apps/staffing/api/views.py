from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.staffing.api.serializers import (
    RequirementPointsSerializer,
    RequirementRequestSerializer,
    RequirementVersionSerializer,
)
from apps.staffing.models import RequirementVersion
from apps.staffing.selectors import requirement_points
from apps.staffing.services.deriving import request_requirement

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User


class RequirementList(generics.ListAPIView[RequirementVersion]):
    """Requirement versions, newest first."""

    serializer_class = RequirementVersionSerializer
    queryset = RequirementVersion.objects.none()
    filterset_fields = ["queue", "state", "forecast"]
    ordering_fields = ["id", "start", "number"]

    def get_queryset(self) -> QuerySet[RequirementVersion]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return RequirementVersion.objects.all()


class RequirementDetail(generics.RetrieveAPIView[RequirementVersion]):
    """One requirement version with the targets it keeps."""

    queryset = RequirementVersion.objects.none()
    serializer_class = RequirementVersionSerializer

    def get_queryset(self) -> QuerySet[RequirementVersion]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return RequirementVersion.objects.all()


class RequirementPoints(APIView):
    """The intervals of a version as arrays: load, agents on line, required agents."""

    @extend_schema(responses=RequirementPointsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        points = requirement_points(pk)
        return Response(
            {
                "step_s": points.step_s,
                "starts": np.datetime_as_string(points.starts, timezone="UTC").tolist(),
                "load_erl": points.load_erl.tolist(),
                "positions": points.positions.tolist(),
                "required": points.required.tolist(),
            }
        )


class RequirementGenerate(Repeatable, APIView):
    """Start the job that derives the requirement of a forecast."""

    @extend_schema(request=RequirementRequestSerializer, responses={202: JOB_ACCEPTED})
    def post(self, request: Request) -> Response:
        require(request.user, Capability.DERIVE_REQUIREMENT)
        asked = RequirementRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        forecast = asked.validated_data["forecast"]
        return accepted(request_requirement(forecast_id=forecast.pk, actor=cast("User", request.user)).pk)
