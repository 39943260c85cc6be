from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.filters import refuse_unknown
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.demand.api.parsing import IntervalsParser
from apps.demand.api.serializers import (
    HistorySerializer,
    ImportBatchSerializer,
    ImportRequestSerializer,
    ImportRowErrorSerializer,
    IntervalSerializer,
    SpanSerializer,
)
from apps.demand.models import ImportBatch, ImportRowError
from apps.demand.selectors import history_series, imports_of
from apps.demand.services.importing import request_import
from apps.organization.selectors import queue_by_id

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User


class ImportList(Repeatable, generics.ListAPIView[ImportBatch]):
    """The imports of a queue, newest first; POST a file (multipart) or intervals (JSON) to import them."""

    area = "history"
    queryset = ImportBatch.objects.none()
    serializer_class = ImportBatchSerializer
    parser_classes = [MultiPartParser, IntervalsParser]
    filterset_fields = ["state"]
    ordering_fields = ["id", "created_at"]

    def get_queryset(self) -> QuerySet[ImportBatch]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return imports_of(queue_by_id(self.kwargs["queue_id"]).pk)

    @extend_schema(
        request={
            "multipart/form-data": ImportRequestSerializer,
            "application/json": IntervalSerializer(many=True),
        },
        responses={202: JOB_ACCEPTED},
    )
    def post(self, request: Request, queue_id: int) -> Response:
        """Start the job that imports the file; one that is wrong from its start is refused at once.

        A workbook (.xlsx), CSV or JSON as a file; or JSON as the body, then `source`, `weeks_shifted` and
        `dry_run` stand in the address. Names and shapes of columns are those of files.
        """
        require(request.user, Capability.IMPORT_HISTORY)
        refuse_unknown(request, IntervalsParser.options)
        asked = ImportRequestSerializer(data=IntervalsParser.with_options(request))
        asked.is_valid(raise_exception=True)
        file = asked.validated_data.pop("file")
        job = request_import(
            queue_id=queue_id,
            file=file,
            file_name=file.name,
            actor=cast("User", request.user),
            **asked.validated_data,
        )
        return accepted(job.pk)


class ImportDetail(generics.RetrieveAPIView[ImportBatch]):
    """One import: what was read, loaded and refused."""

    queryset = ImportBatch.objects.none()
    serializer_class = ImportBatchSerializer

    def get_queryset(self) -> QuerySet[ImportBatch]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return ImportBatch.objects.all()


class ImportErrors(generics.ListAPIView[ImportRowError]):
    """The rows that an import refused, in order of lines."""

    queryset = ImportRowError.objects.none()
    serializer_class = ImportRowErrorSerializer
    ordering_fields = ["line"]

    def get_queryset(self) -> QuerySet[ImportRowError]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return get_object_or_404(ImportBatch, pk=self.kwargs["pk"]).errors.all()


class History(APIView):
    """The history of a queue on a regular grid from `start`: arrays, null where nothing is known."""

    area = "history"

    @extend_schema(parameters=[SpanSerializer], responses=HistorySerializer)
    def get(self, request: Request, queue_id: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        refuse_unknown(request, SpanSerializer().fields)
        queue = queue_by_id(queue_id)
        span = SpanSerializer(data=request.query_params)
        span.is_valid(raise_exception=True)
        series = history_series(queue.pk, **span.validated_data)
        return Response(
            {
                "start": series.start,
                "step_s": series.step_s,
                "offered": _known(series.offered),
                "handled": _known(series.handled),
                "answered": _known(series.answered),
                "handle_s": _known(series.handle_s),
            }
        )


def _known(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
