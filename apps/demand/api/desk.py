"""Outliers, corrections of history and special days for programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable, match_or_refuse, tagged, version_tag
from apps.core.web.api.filters import refuse_unknown
from apps.demand.api.desk_serializers import (
    CorrectionRequestSerializer,
    DaysSerializer,
    HistoryCorrectionSerializer,
    OutlierSerializer,
    ReasonSerializer,
    SpecialDaySerializer,
)
from apps.demand.models import HistoryCorrection, SpecialDay
from apps.demand.selectors import corrections_of, decisions, explain, find_outliers
from apps.demand.selectors.outliers import INNER, OUTER
from apps.demand.services.correcting import correct_history, undo_correction
from apps.demand.services.special_days import delete_special_day, save_special_day
from apps.demand.types import InstantSpan, SpecialDayFacts
from apps.organization.selectors import queue_by_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User
    from apps.demand.types import Outlier


class Outliers(APIView):
    """Days and runs of intervals that lie outside the fences around the five weeks before and after."""

    area = "history"

    @extend_schema(parameters=[DaysSerializer], responses=OutlierSerializer(many=True))
    def get(self, request: Request, queue_id: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        refuse_unknown(request, {"first", "last", "least", "decided"})
        asked = DaysSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        days = asked.validated_data
        found = find_outliers(
            queue_by_id(queue_id),
            days["first"],
            days["last"] + dt.timedelta(days=1),
            least=OUTER if days["least"] == "outer" else INNER,
        )
        made = decisions([item.correction.id for item in found if item.correction])
        wanted = days["decided"]
        shown = [item for item in found if wanted is None or wanted == (item.correction is not None)]
        return Response([_outlier(item, made) for item in shown])


class CorrectionList(Repeatable, generics.ListAPIView[HistoryCorrection]):
    """Every correction of a queue's history, newest first."""

    area = "history"
    queryset = HistoryCorrection.objects.none()
    serializer_class = HistoryCorrectionSerializer
    filterset_fields = ["action"]
    ordering_fields = ["id", "start"]

    def get_queryset(self) -> QuerySet[HistoryCorrection]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return corrections_of(queue_by_id(self.kwargs["queue_id"]).pk)

    @extend_schema(
        request=CorrectionRequestSerializer, responses={201: HistoryCorrectionSerializer(many=True)}
    )
    def post(self, request: Request, queue_id: int) -> Response:
        """Leave spans out, replace them, or give back what was recorded; the record stays as it is."""
        require(request.user, Capability.CORRECT_HISTORY)
        asked = CorrectionRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        made = correct_history(
            queue_id=queue_id,
            spans=[InstantSpan(**span) for span in sent.pop("spans")],
            actor=cast("User", request.user),
            **sent,
        )
        body = HistoryCorrectionSerializer(made, many=True).data
        return Response(body, status=status.HTTP_201_CREATED)


class CorrectionUndo(Repeatable, APIView):
    """Take one correction back; what held before it holds again."""

    area = "history"

    @extend_schema(request=ReasonSerializer, responses={201: HistoryCorrectionSerializer})
    def post(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.CORRECT_HISTORY)
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = undo_correction(correction_id=pk, actor=cast("User", request.user), **asked.validated_data)
        return Response(HistoryCorrectionSerializer(made).data, status=status.HTTP_201_CREATED)


class SpecialDayList(Repeatable, generics.ListAPIView[SpecialDay]):
    """Special days and events, in order of date."""

    queryset = SpecialDay.objects.none()
    serializer_class = SpecialDaySerializer
    filterset_fields = ["queue", "kind", "calendar_code"]
    ordering_fields = ["id", "first_day"]

    def get_queryset(self) -> QuerySet[SpecialDay]:
        require(self.request.user, Capability.VIEW_PLANNING)
        return SpecialDay.objects.all()

    @extend_schema(request=SpecialDaySerializer, responses={201: SpecialDaySerializer})
    def post(self, request: Request) -> Response:
        """Make a special day; forecasts made before are marked as outdated."""
        require(request.user, Capability.CORRECT_HISTORY)
        row = save_special_day(facts=_facts(request), actor=cast("User", request.user))
        return _tagged(request, row, status.HTTP_201_CREATED)


class SpecialDayDetail(APIView):
    """One special day."""

    tagged_methods = {"PUT", "DELETE"}

    @extend_schema(responses=SpecialDaySerializer)
    def get(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        return _tagged(request, get_object_or_404(SpecialDay, pk=pk))

    @extend_schema(request=SpecialDaySerializer, responses=SpecialDaySerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Change a special day."""
        require(request.user, Capability.CORRECT_HISTORY)
        facts = _facts(request)
        with transaction.atomic():
            _match(request, pk)
            row = save_special_day(facts=facts, special_day_id=pk, actor=cast("User", request.user))
        return _tagged(request, row)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete a special day; forecasts keep what they used of it."""
        require(request.user, Capability.CORRECT_HISTORY)
        with transaction.atomic():
            _match(request, pk)
            delete_special_day(special_day_id=pk, actor=cast("User", request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _outlier(item: Outlier, made: Mapping[int, HistoryCorrection]) -> dict[str, Any]:
    decision = made.get(item.correction.id) if item.correction else None
    told = asdict(item)
    del told["span"], told["day"]
    return told | {
        "start": item.span.start,
        "end": item.span.end,
        "explanation": explain(item),
        "correction": item.correction.id if item.correction else None,
        "decision": HistoryCorrectionSerializer(decision).data if decision else None,
    }


def _facts(request: Request) -> SpecialDayFacts:
    asked = SpecialDaySerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return SpecialDayFacts(**asked.validated_data)


def _match(request: Request, pk: int) -> None:
    row = get_object_or_404(SpecialDay.objects.select_for_update(), pk=pk)
    match_or_refuse(request, _tag(row), current=SpecialDaySerializer(row).data)


def _tagged(request: Request, row: SpecialDay, code: int = status.HTTP_200_OK) -> Response:
    row.refresh_from_db()
    return tagged(request, SpecialDaySerializer(row).data, tag=_tag(row), status=code)


def _tag(row: SpecialDay) -> str:
    return version_tag("special-day", row.pk, int(row.updated_at.timestamp() * 1_000_000))
