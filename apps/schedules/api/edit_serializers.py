"""Edits and their effect as the API takes and tells them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.errors import DomainError
from apps.core.web.api.bodies import Body, Instant
from apps.schedules.api.serializers import ActivitySerializer
from apps.schedules.models import ScheduleEdit, Shift
from apps.schedules.services.editing.applying import LONGEST_REASON, MOST_COMMANDS
from apps.schedules.types import command_from
from apps.schedules.types.editing import COMMANDS

if TYPE_CHECKING:
    from apps.schedules.types import Command

LARGEST = 2**63 - 1
ID_SCHEMA = {"type": "integer", "minimum": 1}
INSTANT_SCHEMA = {"type": "string", "format": "date-time"}
_FIELD_SCHEMAS = {"activity_kind": {"type": "string"}, "local_date": {"type": "string", "format": "date"}}


class ExpectedField(serializers.DictField):
    """Revisions seen, by the id of the shift."""

    child = serializers.IntegerField(min_value=0, max_value=LARGEST)

    def to_internal_value(self, data: Any) -> dict[int, int]:
        seen = super().to_internal_value(data)
        if any(not (key.isascii() and key.isdigit() and int(key[:20]) <= LARGEST) for key in seen):
            raise serializers.ValidationError([_("The keys are ids of shifts.")])
        return {int(key): revision for key, revision in seen.items()}


def _command_schema(kind: str, command: type[Command]) -> dict[str, Any]:
    """Describe a command as JSON: its kind and its fields."""
    told: dict[str, Any] = {"kind": {"type": "string", "enum": [kind]}}
    needed = ["kind"]
    for field in dataclasses.fields(command):
        name = "activity_kind" if field.name == "kind" else field.name
        told[name] = _FIELD_SCHEMAS.get(name) or (ID_SCHEMA if name.endswith("_id") else INSTANT_SCHEMA)
        if field.default is dataclasses.MISSING:
            needed.append(name)
    return {"type": "object", "properties": told, "required": needed, "additionalProperties": False}


@extend_schema_field(
    {"type": "array", "items": {"oneOf": [_command_schema(*each) for each in COMMANDS.items()]}}
)
class CommandsField(serializers.ListField):
    """Commands as `docs/editing.md` lists them; each refusal names the command's place and field."""

    child = serializers.DictField()

    def to_internal_value(self, data: Any) -> list[Command]:
        found: list[Command] = []
        for place, command in enumerate(super().to_internal_value(data)):
            try:
                found.append(command_from(command))
            except DomainError as error:
                raise serializers.ValidationError({str(place): error.fields}) from error
        return found


class PreviewRequestSerializer(Body):
    commands = CommandsField(min_length=1, max_length=MOST_COMMANDS)
    expected = ExpectedField(default=dict)


class EditRequestSerializer(PreviewRequestSerializer):
    reason = serializers.CharField(default="", allow_blank=True, max_length=LONGEST_REASON)


class RedoRequestSerializer(serializers.Serializer[Any]):
    """Which edit: the caller's own one, or, for who plans, anybody's; without it the caller's next."""

    edit_id = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
        return attrs


class UndoRequestSerializer(RedoRequestSerializer):
    skip_overtaken = serializers.BooleanField(required=False)


class ShiftChangeSerializer(Body):
    """What a PATCH of a shift may say; what is left out stays."""

    start = Instant(required=False)
    end = Instant(required=False)
    employee = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_REASON)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.keys() - {"reason"}:
            raise serializers.ValidationError({"start": [_("Say another time or another person.")]})
        return attrs


class ShiftDetailSerializer(serializers.ModelSerializer[Shift]):
    activities = ActivitySerializer(many=True)

    class Meta:
        model = Shift
        fields = [
            "id",
            "variant",
            "employee",
            "local_date",
            "start",
            "end",
            "paid_s",
            "is_published",
            "revision",
            "activities",
        ]
        read_only_fields = fields


class CoverChangeSerializer(serializers.Serializer[Any]):
    queue_id = serializers.IntegerField()
    queue_code = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    required = serializers.IntegerField()  # type: ignore[assignment]
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class HoursChangeSerializer(serializers.Serializer[Any]):
    employee_id = serializers.IntegerField()
    name = serializers.CharField()
    norm_s = serializers.IntegerField()
    before_s = serializers.IntegerField()
    after_s = serializers.IntegerField()


class BrokenSerializer(serializers.Serializer[Any]):
    employee_id = serializers.IntegerField()
    name = serializers.CharField()
    code = serializers.CharField()
    rule_name = serializers.CharField()
    text = serializers.CharField()
    article = serializers.CharField()
    mode = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    is_new = serializers.BooleanField()
    is_worse = serializers.BooleanField()


class EffectSerializer(serializers.Serializer[Any]):
    is_refused = serializers.BooleanField()
    under_before_s = serializers.IntegerField()
    under_after_s = serializers.IntegerField()
    cover = CoverChangeSerializer(many=True)
    hours = HoursChangeSerializer(many=True)
    broken = BrokenSerializer(many=True)
    mended = BrokenSerializer(many=True)


class SnapshotActivitySerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    queue_id = serializers.IntegerField(allow_null=True)


class SnapshotSerializer(serializers.Serializer[Any]):
    shift_id = serializers.IntegerField()
    employee_id = serializers.IntegerField()
    local_date = serializers.DateField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    paid_s = serializers.IntegerField()
    revision = serializers.IntegerField()
    activities = SnapshotActivitySerializer(many=True)


class OutcomeSerializer(serializers.Serializer[Any]):
    edit_id = serializers.IntegerField()
    number = serializers.IntegerField()
    effect = EffectSerializer()
    shifts = SnapshotSerializer(many=True)
    removed = serializers.ListField(child=serializers.IntegerField())


class EditSerializer(serializers.ModelSerializer[ScheduleEdit]):
    """An edit of the log; `actor` is null when the system acted."""

    class Meta:
        model = ScheduleEdit
        fields = [
            "id",
            "number",
            "kind",
            "commands",
            "actor",
            "source",
            "reason",
            "state",
            "reverses",
            "allowed",
            "created_at",
        ]
        read_only_fields = fields


class ShiftHistorySerializer(serializers.Serializer[Any]):
    edit_id = serializers.IntegerField()
    number = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    reason = serializers.CharField()
    actor_id = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    before = SnapshotSerializer(allow_null=True)
    after = SnapshotSerializer(allow_null=True)
