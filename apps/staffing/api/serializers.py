from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.web.api.bodies import Body
from apps.forecasts.models import ForecastVersion
from apps.staffing.models import RequirementVersion


class RequirementVersionSerializer(serializers.ModelSerializer[RequirementVersion]):
    class Meta:
        model = RequirementVersion
        fields = [
            "id",
            "queue",
            "number",
            "state",
            "forecast",
            "start",
            "end",
            "step_s",
            "targets",
            "code_version",
            "job_id",
            "seconds",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class RequirementPointsSerializer(serializers.Serializer[Any]):
    """Arrays of one length: a value for each interval that begins at `starts`."""

    step_s = serializers.IntegerField()
    starts = serializers.ListField(child=serializers.DateTimeField())
    load_erl = serializers.ListField(child=serializers.FloatField())
    positions = serializers.ListField(child=serializers.FloatField())
    required = serializers.ListField(child=serializers.FloatField())  # type: ignore[assignment]


class RequirementRequestSerializer(Body):
    forecast = serializers.PrimaryKeyRelatedField(queryset=ForecastVersion.objects.all())
