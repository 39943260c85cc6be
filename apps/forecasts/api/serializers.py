from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.web.api.bodies import Body, Day
from apps.forecasts.models import ForecastVersion
from apps.organization.models import Queue


class ForecastVersionSerializer(serializers.ModelSerializer[ForecastVersion]):
    chosen_because = serializers.CharField(read_only=True)

    class Meta:
        model = ForecastVersion
        fields = [
            "id",
            "queue",
            "number",
            "state",
            "start",
            "end",
            "step_s",
            "based_on",
            "origin",
            "adjustments",
            "model",
            "chosen_because",
            "level",
            "parameters",
            "inputs",
            "accuracy",
            "seed",
            "code_version",
            "job_id",
            "seconds",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class ForecastPointsSerializer(serializers.Serializer[Any]):
    """Arrays of one length: a value for each interval that begins at `starts`."""

    step_s = serializers.IntegerField()
    starts = serializers.ListField(child=serializers.DateTimeField())
    calls = serializers.ListField(child=serializers.FloatField())
    lower = serializers.ListField(child=serializers.FloatField())
    upper = serializers.ListField(child=serializers.FloatField())
    aht_s = serializers.ListField(child=serializers.FloatField())


class AccuracySerializer(serializers.Serializer[Any]):
    """How a model did in the back-test; shares of the contacts, `mase` of the naive error."""

    model = serializers.CharField()
    wape = serializers.FloatField(allow_null=True)
    mape = serializers.FloatField(allow_null=True)
    bias = serializers.FloatField(allow_null=True)
    mase = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)
    is_chosen = serializers.BooleanField()


class ForecastRequestSerializer(Body):
    """Local days of the queue from `start` up to, not including, `end`."""

    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all())
    start = Day()
    end = Day()
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31)
    level = serializers.FloatField(required=False, default=0.8)
    activate = serializers.BooleanField(required=False, default=True)
    holidays_country = serializers.CharField(required=False, allow_null=True, default=None, max_length=2)
    assumed_aht_s = serializers.FloatField(required=False, allow_null=True, default=None)
