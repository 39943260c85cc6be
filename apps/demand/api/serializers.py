from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.core.web.api.bodies import Body, Instant
from apps.demand.models import ImportBatch, ImportRowError


class ImportBatchSerializer(serializers.ModelSerializer[ImportBatch]):
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = ImportBatch
        fields = [
            "id",
            "queue",
            "file_name",
            "sha256",
            "source",
            "state",
            "reason",
            "details",
            "rows_read",
            "rows_loaded",
            "rows_unchanged",
            "rows_refused",
            "first_start",
            "last_start",
            "weeks_shifted",
            "seconds",
            "job_id",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class ImportRowErrorSerializer(serializers.ModelSerializer[ImportRowError]):
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = ImportRowError
        fields = ["line", "column", "reason", "value"]
        read_only_fields = fields


class ImportRequestSerializer(Body):
    """A file to import; `dry_run` checks it and loads nothing."""

    file = serializers.FileField()
    source = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)  # type: ignore[assignment]
    weeks_shifted = serializers.IntegerField(required=False, default=0, min_value=-3000, max_value=3000)
    dry_run = serializers.BooleanField(required=False, default=False)


class HistorySerializer(serializers.Serializer[Any]):
    """Arrays of one length from `start` in steps of `step_s`; null where nothing is known."""

    start = serializers.DateTimeField()
    step_s = serializers.IntegerField()
    offered = serializers.ListField(child=serializers.FloatField(allow_null=True))
    handled = serializers.ListField(child=serializers.FloatField(allow_null=True))
    answered = serializers.ListField(child=serializers.FloatField(allow_null=True))
    handle_s = serializers.ListField(child=serializers.FloatField(allow_null=True))


class IntervalSerializer(serializers.Serializer[Any]):
    """An interval as JSON gives it; other names that files use for these columns are read too."""

    start = serializers.CharField(help_text="2025-12-31T09:15, with Z or +03:00, else the queue's local time")
    offered = serializers.IntegerField(min_value=0)
    handled = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    abandoned = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    aht_s = serializers.FloatField(min_value=0, required=False, allow_null=True)
    handle_s = serializers.FloatField(min_value=0, required=False, allow_null=True)
    wrap_s = serializers.FloatField(min_value=0, required=False, allow_null=True)
    answered_in_target = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    step_minutes = serializers.IntegerField(required=False, allow_null=True)


class SpanSerializer(serializers.Serializer[Any]):
    """A span of instants and the step to show it in."""

    start = Instant()
    end = Instant()
    step_s = serializers.ChoiceField(choices=[300, 900, 1800, 3600, 86_400], required=False, default=900)
    corrected = serializers.BooleanField(
        required=False, default=False, help_text="As forecasts read it, under the corrections."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": [_("After the start.")]})
        if (attrs["end"] - attrs["start"]).total_seconds() / attrs["step_s"] > MAX_INTERVALS:
            message = _("At most %(most)s intervals at once.") % {"most": MAX_INTERVALS}
            raise serializers.ValidationError({"end": [message]})
        return attrs


MAX_INTERVALS = 40_000
