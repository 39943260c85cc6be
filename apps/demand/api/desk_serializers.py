from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.core.web.api.bodies import Body, Day, Instant, ModelBody
from apps.demand.choices import CorrectionAction, SpecialDayKind
from apps.demand.models import HistoryCorrection, SpecialDay
from apps.demand.models.special_days import DAY_MINUTES
from apps.organization.models import Queue

ACTIONS = [choice for choice in CorrectionAction.choices if choice[0] != CorrectionAction.UNDO]


class MomentsSerializer(Body):
    """Instants from `start` up to, not including, `end`."""

    start = Instant()
    end = Instant()


class DaysSerializer(serializers.Serializer[Any]):
    """Local days of the queue, both included; `least` is `outer` (the wildest) or `inner`."""

    first = Day()
    last = Day()
    least = serializers.ChoiceField(choices=["outer", "inner"], required=False, default="outer")
    decided = serializers.BooleanField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": [_("Before the first day.")]})
        if (attrs["last"] - attrs["first"]).days >= MOST_DAYS:
            raise serializers.ValidationError(
                {"last": [_("At most %(most)s days at once.") % {"most": MOST_DAYS}]}
            )
        return attrs


MOST_DAYS = 366


class HistoryCorrectionSerializer(serializers.ModelSerializer[HistoryCorrection]):
    is_undone = serializers.BooleanField(read_only=True, default=False)

    class Meta:
        model = HistoryCorrection
        fields = [
            "id",
            "queue",
            "start",
            "end",
            "action",
            "step_s",
            "values",
            "reason",
            "undoes",
            "is_undone",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class OutlierSerializer(serializers.Serializer[Any]):
    """A day or a run of intervals outside the fences, in words too; contacts are totals of the span."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    is_day = serializers.BooleanField()
    intervals = serializers.IntegerField()
    actual = serializers.FloatField()
    expected = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    outer_low = serializers.FloatField()
    outer_high = serializers.FloatField()
    severity = serializers.IntegerField(help_text="1 = beyond the inner fence, 2 = beyond the outer one.")
    neighbours = serializers.IntegerField()
    special = serializers.CharField()
    explanation = serializers.CharField()
    correction = serializers.IntegerField(allow_null=True, help_text="What was decided about it.")
    decision = HistoryCorrectionSerializer(
        allow_null=True, help_text="Who decided what about all of it, when and why; null before that."
    )


class CorrectionRequestSerializer(Body):
    """Spans to correct and how; `seen` is the newest correction the caller knows of (0 = none)."""

    spans = MomentsSerializer(many=True, allow_empty=False)
    action = serializers.ChoiceField(choices=ACTIONS)
    value = serializers.FloatField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=300)
    seen = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class ReasonSerializer(Body):
    reason = serializers.CharField(max_length=300)


class SpecialDaySerializer(ModelBody):
    """Days, or minutes of days, with the coefficient of their contacts; for a queue, a calendar, or all."""

    kind = serializers.ChoiceField(choices=SpecialDayKind.choices, default=SpecialDayKind.DAY)
    queue = serializers.PrimaryKeyRelatedField(
        queryset=Queue.objects.all(), required=False, allow_null=True, default=None
    )
    from_minute = serializers.IntegerField(min_value=0, max_value=DAY_MINUTES, default=0)
    to_minute = serializers.IntegerField(min_value=0, max_value=DAY_MINUTES, default=DAY_MINUTES)
    calendar_code = serializers.SlugField(max_length=20, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    coefficient = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=100)

    class Meta:
        model = SpecialDay
        fields = [
            "id",
            "name",
            "kind",
            "first_day",
            "last_day",
            "from_minute",
            "to_minute",
            "coefficient",
            "queue",
            "calendar_code",
            "note",
            "updated_at",
        ]
        read_only_fields = ["id", "updated_at"]
