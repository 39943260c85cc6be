from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.web.api.bodies import Body
from apps.core.web.converters import MonthConverter
from apps.schedules.models import Activity, PlanningGroup, RuleViolation, ScheduleVariant, Shift
from apps.schedules.selectors.labour_rules import explain
from apps.schedules.selectors.reasons import explain_reasons, reasons_visible_to
from apps.schedules.services.optimisation import MAX_TIME_LIMIT_S, TIME_LIMIT_S

if TYPE_CHECKING:
    import datetime as dt


class MonthField(serializers.DateField):
    """A month as `yyyy-mm`; its first day inside."""

    default_error_messages = dict.fromkeys(("invalid", "datetime"), _("Write the month as yyyy-mm."))

    def to_internal_value(self, value: Any) -> dt.date:
        try:
            return MonthConverter().to_python(str(value))
        except ValueError as error:
            raise serializers.ValidationError(self.error_messages["invalid"]) from error

    def to_representation(self, value: dt.date) -> str:
        return f"{value:%Y-%m}"


class GenerateSerializer(Body):
    group = serializers.SlugRelatedField(slug_field="code", queryset=PlanningGroup.objects.all())
    month = MonthField()
    seed = serializers.IntegerField(default=0, min_value=0, max_value=2**31)
    time_limit_s = serializers.FloatField(default=TIME_LIMIT_S, min_value=1, max_value=MAX_TIME_LIMIT_S)


class QueueCoverSerializer(serializers.Serializer[Any]):
    """Agents per slot."""

    required = serializers.ListField(child=serializers.FloatField())  # type: ignore[assignment]
    scheduled = serializers.ListField(child=serializers.FloatField())


class CoverSerializer(serializers.Serializer[Any]):
    """Cover of each queue, by its code, from `start` in slots of `slot_s`."""

    start = serializers.DateTimeField()
    slot_s = serializers.IntegerField(allow_null=True)
    queues = serializers.DictField(child=QueueCoverSerializer())


class VariantSerializer(serializers.ModelSerializer[ScheduleVariant]):
    group = serializers.CharField(source="group.code")
    month = MonthField()

    class Meta:
        model = ScheduleVariant
        fields = [
            "id",
            "group",
            "month",
            "number",
            "state",
            "start",
            "end",
            "seed",
            "code_version",
            "job_id",
            "created_at",
            "published_at",
            "edits",
            "measured_edits",
            "metrics",
        ]
        read_only_fields = fields


class VariantDetailSerializer(VariantSerializer):
    """With the reasons about people whom the reader may see."""

    reasons = serializers.SerializerMethodField()
    reasons_text = serializers.SerializerMethodField()

    class Meta(VariantSerializer.Meta):
        fields = [*VariantSerializer.Meta.fields, "requirements", "parameters", "reasons", "reasons_text"]
        read_only_fields = fields

    def get_reasons(self, variant: ScheduleVariant) -> list[dict[str, Any]]:
        return reasons_visible_to(self.context["request"].user, variant)

    def get_reasons_text(self, variant: ScheduleVariant) -> list[str]:
        return explain_reasons(variant, self.context["request"].user)


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    kind = serializers.CharField(source="kind.code")

    class Meta:
        model = Activity
        fields = ["kind", "queue", "start", "end"]
        read_only_fields = fields


class ShiftSerializer(serializers.ModelSerializer[Shift]):
    activities = ActivitySerializer(many=True)

    class Meta:
        model = Shift
        fields = ["id", "employee", "local_date", "start", "end", "paid_s", "is_published", "activities"]
        read_only_fields = fields


class ViolationSerializer(serializers.ModelSerializer[RuleViolation]):
    text = serializers.SerializerMethodField()

    class Meta:
        model = RuleViolation
        fields = [
            "id",
            "variant",
            "employee",
            "code",
            "key",
            "mode",
            "start",
            "end",
            "measured",
            "limit",
            "unit",
            "text",
        ]
        read_only_fields = fields

    def get_text(self, row: RuleViolation) -> str:
        return explain(row)
