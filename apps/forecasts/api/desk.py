"""Growth factors, overrides, rollback, comparison and accuracy against fact for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable
from apps.core.web.api.bodies import Body, Instant
from apps.core.web.api.filters import refuse_unknown
from apps.forecasts.api.serializers import ForecastVersionSerializer
from apps.forecasts.choices import Measure, Operation
from apps.forecasts.models import ForecastVersion
from apps.forecasts.selectors import compare_versions, fact_accuracy, forecast_points, version_by_id
from apps.forecasts.services.adjusting import adjust_forecast, adjusted_points, totals
from apps.forecasts.services.versions import roll_back
from apps.forecasts.types import Adjustment

if TYPE_CHECKING:
    from rest_framework.request import Request

    from apps.accounts.models import User


class AdjustmentSerializer(Body):
    """A change over instants from `start` up to `end`: a factor, a value, or a total of the span."""

    start = Instant()
    end = Instant()
    measure = serializers.ChoiceField(choices=Measure.choices, default=Measure.CALLS)
    operation = serializers.ChoiceField(choices=Operation.choices)
    value = serializers.FloatField()


class AdjustRequestSerializer(Body):
    """Changes laid one after another; with `dry_run` only the totals are told."""

    adjustments = AdjustmentSerializer(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    activate = serializers.BooleanField(required=False, default=False)
    dry_run = serializers.BooleanField(required=False, default=False)


class GrowthFactorSerializer(Body):
    """A factor of the contacts over a period: 1.1 is ten per cent more."""

    forecast = serializers.PrimaryKeyRelatedField(queryset=ForecastVersion.objects.all())
    start = Instant()
    end = Instant()
    factor = serializers.FloatField()
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    activate = serializers.BooleanField(required=False, default=False)
    dry_run = serializers.BooleanField(required=False, default=False)


class TotalsSerializer(serializers.Serializer[Any]):
    """Contacts and call-weighted AHT (s) of the whole version before and after."""

    calls_before = serializers.FloatField()
    calls_after = serializers.FloatField()
    aht_before_s = serializers.FloatField(allow_null=True)
    aht_after_s = serializers.FloatField(allow_null=True)


class AdjustedSerializer(TotalsSerializer):
    """The totals, and the new version unless it was a dry run."""

    version = ForecastVersionSerializer(allow_null=True)


class FactAccuracySerializer(serializers.Serializer[Any]):
    """Against fact: shares (0.07 = 7 %), null where undefined."""

    intervals = serializers.IntegerField()
    wape = serializers.FloatField(allow_null=True)
    mape = serializers.FloatField(allow_null=True)
    bias = serializers.FloatField(allow_null=True)
    mase = serializers.FloatField(allow_null=True)


class PeriodSerializer(serializers.Serializer[Any]):
    """Contacts of local days `first` to `last`; `change` is the difference as a share of `a`."""

    first = serializers.DateField()
    last = serializers.DateField()
    fact = serializers.FloatField(allow_null=True)
    a = serializers.FloatField(allow_null=True, source="one")
    b = serializers.FloatField(allow_null=True, source="other")
    difference = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    """Two versions over the days they share."""

    rows = PeriodSerializer(many=True)
    total = PeriodSerializer()
    accuracy_a = FactAccuracySerializer(source="one")
    accuracy_b = FactAccuracySerializer(source="other")


class PairSerializer(serializers.Serializer[Any]):
    a = serializers.IntegerField(min_value=1)
    b = serializers.IntegerField(min_value=1)
    by = serializers.ChoiceField(choices=["day", "week"], required=False, default="day")


class RollBackSerializer(Body):
    reason = serializers.CharField(max_length=300)


class Adjust(Repeatable, APIView):
    """Lay changes over a version and keep the outcome as a new one, a draft unless `activate`."""

    @extend_schema(
        request=AdjustRequestSerializer, responses={200: TotalsSerializer, 201: AdjustedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.RUN_FORECAST)
        asked = AdjustRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        changes = [Adjustment(**change) for change in sent.pop("adjustments")]
        return _adjusted(request, pk, changes, **sent)


class GrowthFactor(Repeatable, APIView):
    """Multiply the contacts of a period and keep the outcome as a new version."""

    @extend_schema(request=GrowthFactorSerializer, responses={200: TotalsSerializer, 201: AdjustedSerializer})
    def post(self, request: Request) -> Response:
        require(request.user, Capability.RUN_FORECAST)
        asked = GrowthFactorSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        version = sent.pop("forecast")
        change = Adjustment(
            sent.pop("start"), sent.pop("end"), Measure.CALLS, Operation.MULTIPLY, sent.pop("factor")
        )
        return _adjusted(request, version.pk, [change], **sent)


class RollBack(Repeatable, APIView):
    """Take the active version out of use and plan again from those that it replaced."""

    @extend_schema(request=RollBackSerializer, responses=ForecastVersionSerializer(many=True))
    def post(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.RUN_FORECAST)
        asked = RollBackSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        earlier = roll_back(version_id=pk, actor=cast("User", request.user), **asked.validated_data)
        return Response(ForecastVersionSerializer(earlier, many=True).data)


class Compare(APIView):
    """Two versions by day or week, with differences, fact, and accuracy against it."""

    @extend_schema(parameters=[PairSerializer], responses=ComparisonSerializer)
    def get(self, request: Request) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        refuse_unknown(request, {"a", "b", "by"})
        asked = PairSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        pair = asked.validated_data
        found = compare_versions(
            version_by_id(pair["a"]), version_by_id(pair["b"]), weekly=pair["by"] == "week"
        )
        return Response(ComparisonSerializer(found).data)


class FactAccuracyView(APIView):
    """How a version did against what was recorded, interval by interval."""

    @extend_schema(responses=FactAccuracySerializer)
    def get(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        return Response(asdict(fact_accuracy(version_by_id(pk))))


def _adjusted(
    request: Request, pk: int, changes: list[Adjustment], *, reason: str, activate: bool, dry_run: bool
) -> Response:
    version, before = version_by_id(pk), forecast_points(pk)
    after = adjusted_points(version, before, changes)
    (calls_before, aht_before_s), (calls_after, aht_after_s) = totals(before), totals(after)
    body: dict[str, Any] = {
        "calls_before": calls_before,
        "calls_after": calls_after,
        "aht_before_s": aht_before_s,
        "aht_after_s": aht_after_s,
    }
    if dry_run:
        return Response(body)
    made = adjust_forecast(
        version_id=pk,
        adjustments=changes,
        reason=reason,
        actor=cast("User", request.user),
        activate=activate,
    )
    body["version"] = ForecastVersionSerializer(made).data
    return Response(body, status=status.HTTP_201_CREATED)
