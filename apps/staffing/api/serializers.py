from __future__ import annotations

from typing import Any

from rest_framework import serializers

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


class RequirementRequestSerializer(serializers.Serializer[Any]):
    forecast = serializers.PrimaryKeyRelatedField(queryset=ForecastVersion.objects.all())
