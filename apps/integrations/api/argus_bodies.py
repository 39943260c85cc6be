"""What is sent to the doors of Argus, and what they answer."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from rest_framework import serializers
from rest_framework.parsers import BaseParser

from apps.core.phrases import Phrase
from apps.core.web.api.bodies import Body, Day
from apps.demand.errors import FileRefusedError
from apps.integrations.models import ArgusImport, ArgusRefusal
from apps.integrations.services.argus.looking import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

LISTS = frozenset({"rows", "records", "data", "intervals", "employees", "schedules", "shifts"})
"""The member of a JSON object in which its rows may stand."""


class RowsParser(BaseParser):
    """Keeps a JSON body whole, as the file that it is; of an object the other members are options."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise FileRefusedError(
                Phrase(
                    gettext_noop("JSON as the body may have %(kb)d kB; send more as a file."),
                    {"kb": most // 1024},
                )
            )
        file = SimpleUploadedFile("argus.json", body, self.media_type)
        told = _members(body)
        has_rows = not isinstance(told, dict) or bool(LISTS & told.keys())
        options = (
            {name: value for name, value in told.items() if name not in LISTS}
            if isinstance(told, dict)
            else {}
        )
        return options | ({"file": file} if has_rows and body.strip() else {})


def _members(body: bytes) -> Any:
    """Give the document, or nothing of one that the reader of rows will refuse with a reason."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


class ArgusFileBody(Body):
    """A table, as a file or as the body; `dry_run` checks it and loads nothing."""

    file = serializers.FileField()
    dry_run = serializers.BooleanField(required=False, default=False)


class ArgusHistoricalBody(ArgusFileBody):
    """For which queue; with both days the table is that of operators by hour (24 rows), for these days."""

    queue = serializers.CharField(
        max_length=64, help_text=gettext_lazy("Code, external id or id of the queue.")
    )
    first_day = Day(required=False)
    last_day = Day(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("first_day" in attrs) != ("last_day" in attrs):
            missing = "last_day" if "first_day" in attrs else "first_day"
            raise serializers.ValidationError({missing: [_("Operators by hour need both days.")]})
        return attrs


class ArgusSchedulesBody(ArgusFileBody):
    variant = serializers.IntegerField(min_value=1, help_text=gettext_lazy("The draft that gets the shifts."))


class ArgusLookBody(Body):
    """A file to look at, or nothing: then the set-up is tested."""

    file = serializers.FileField(required=False)
    table = serializers.ChoiceField(choices=[(name, name) for name in TABLES], required=False)


class ArgusFindingSerializer(serializers.Serializer[Any]):
    connection = serializers.CharField()
    ok = serializers.BooleanField()
    text = serializers.CharField()


class ArgusRowErrorSerializer(serializers.ModelSerializer[ArgusRefusal]):
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = ArgusRefusal
        fields = ["line", "column", "reason", "value"]
        read_only_fields = fields


class ArgusLookSerializer(serializers.Serializer[Any]):
    """What a file holds, or what testing the set-up found."""

    ok = serializers.BooleanField()
    table = serializers.CharField(required=False)
    rows_read = serializers.IntegerField(required=False)
    rows_refused = serializers.IntegerField(required=False)
    unknown_columns = serializers.ListField(child=serializers.CharField(), required=False)
    errors = ArgusRowErrorSerializer(many=True, required=False)  # type: ignore[assignment]
    findings = ArgusFindingSerializer(many=True, required=False)


class ArgusImportSerializer(serializers.ModelSerializer[ArgusImport]):
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = ArgusImport
        fields = [
            "id",
            "table",
            "file_name",
            "sha256",
            "state",
            "reason",
            "target",
            "details",
            "rows_read",
            "rows_loaded",
            "rows_unchanged",
            "rows_refused",
            "seconds",
            "job_id",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields
