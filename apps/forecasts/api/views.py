from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import numpy as np
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.bodies import refuse_body
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.forecasts.api.serializers import (
    AccuracySerializer,
    ForecastPointsSerializer,
    ForecastRequestSerializer,
    ForecastVersionSerializer,
)
from apps.forecasts.models import ForecastVersion
from apps.forecasts.selectors import accuracy_rows, forecast_points, version_by_id
from apps.forecasts.services.running import request_forecast
from apps.forecasts.services.versions import activate_version, archive_version

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User


class ForecastList(generics.ListAPIView[ForecastVersion]):
    """Forecast versions, newest first."""

    serializer_class = ForecastVersionSerializer
    queryset = ForecastVersion.objects.none()
    filterset_fields = ["queue", "state"]
    ordering_fields = ["id", "start", "number"]

    def get_queryset(self) -> QuerySet[ForecastVersion]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return ForecastVersion.objects.all()


class ForecastDetail(generics.RetrieveAPIView[ForecastVersion]):
    """One forecast version: model, parameters, inputs, accuracy."""

    queryset = ForecastVersion.objects.none()
    serializer_class = ForecastVersionSerializer

    def get_queryset(self) -> QuerySet[ForecastVersion]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return ForecastVersion.objects.all()


class ForecastPoints(APIView):
    """The intervals of a version as arrays: contacts, their band, AHT."""

    @extend_schema(responses=ForecastPointsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        points = forecast_points(pk)
        return Response(
            {
                "step_s": points.step_s,
                "starts": np.datetime_as_string(points.starts, timezone="UTC").tolist(),
                "calls": points.calls.tolist(),
                "lower": points.lower.tolist(),
                "upper": points.upper.tolist(),
                "aht_s": points.aht_s.tolist(),
            }
        )


class ForecastAccuracy(APIView):
    """The back-test of every model that was compared, best first; shares."""

    @extend_schema(responses=AccuracySerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        return Response([asdict(row) for row in accuracy_rows(version_by_id(pk))])


class ForecastGenerate(Repeatable, APIView):
    """Start the job that makes a new version."""

    @extend_schema(request=ForecastRequestSerializer, responses={202: JOB_ACCEPTED})
    def post(self, request: Request) -> Response:
        require(request.user, Capability.RUN_FORECAST)
        asked = ForecastRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        queue = asked.validated_data.pop("queue")
        return accepted(
            request_forecast(queue_id=queue.pk, actor=cast("User", request.user), **asked.validated_data).pk
        )


class ForecastApprove(Repeatable, APIView):
    """Plan from this version; active ones that it overlaps are archived."""

    @extend_schema(request=None, responses=ForecastVersionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        refuse_body(request)
        version = activate_version(version_id=pk, actor=cast("User", request.user))
        return Response(ForecastVersionSerializer(version).data)


class ForecastArchive(Repeatable, APIView):
    """Take a version out of use, an active one too; its numbers stay. An archived one is a 409."""

    @extend_schema(request=None, responses=ForecastVersionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        refuse_body(request)
        version = archive_version(version_id=pk, actor=cast("User", request.user))
        return Response(ForecastVersionSerializer(version).data)
