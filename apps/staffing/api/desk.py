"""What a change of a forecast does to the requirement, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api.bodies import Body, Instant
from apps.forecasts.choices import Measure, Operation
from apps.forecasts.selectors import forecast_points, version_by_id
from apps.forecasts.services.adjusting import adjusted_points
from apps.forecasts.types import Adjustment
from apps.staffing.services.effects import effect_of

if TYPE_CHECKING:
    from rest_framework.request import Request

    from apps.accounts.models import User


class ChangeSerializer(Body):
    """A change over instants from `start` up to `end`, as `forecasts/{id}/adjust/` takes it."""

    start = Instant()
    end = Instant()
    measure = serializers.ChoiceField(choices=Measure.choices, default=Measure.CALLS)
    operation = serializers.ChoiceField(choices=Operation.choices)
    value = serializers.FloatField()


class EffectRequestSerializer(Body):
    """Changes to weigh; without any, what activating the version would do."""

    adjustments = ChangeSerializer(many=True, required=False, default=list)


class DayEffectSerializer(serializers.Serializer[Any]):
    """Contacts, required person-hours and most agents at once; null where there was nothing before."""

    first = serializers.DateField()
    last = serializers.DateField()
    calls_before = serializers.FloatField(allow_null=True)
    calls_after = serializers.FloatField()
    hours_before = serializers.FloatField(allow_null=True)
    hours_after = serializers.FloatField()
    peak_before = serializers.IntegerField(allow_null=True)
    peak_after = serializers.IntegerField()


class RequirementEffectSerializer(serializers.Serializer[Any]):
    """The effect by local day and in all.

    `compared`: first and last day of which both versions say something, where they differ in span; the total
    is about these only.
    """

    days = DayEffectSerializer(many=True)
    total = DayEffectSerializer()
    compared = serializers.ListField(child=serializers.DateField(), allow_null=True)


class RequirementEffect(APIView):
    """What a change does to the requirement under today's targets; nothing is stored."""

    area = "requirements"
    repeatable = False
    reads_by_post = True

    @extend_schema(request=EffectRequestSerializer, responses=RequirementEffectSerializer)
    def post(self, request: Request, pk: int) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        asked = EffectRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        version = version_by_id(pk)
        changes = [Adjustment(**change) for change in asked.validated_data["adjustments"]]
        points = adjusted_points(version, forecast_points(pk), changes) if changes else None
        effect = effect_of(version=version, points=points, actor=cast("User", request.user))
        return Response(asdict(effect))
