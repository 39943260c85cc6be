"""What every body of a request is read by: unknown fields are refused, days and instants bounded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.web.days import FIRST_YEAR, LAST_YEAR, OUT_OF_REACH

if TYPE_CHECKING:
    from rest_framework.request import Request

UNKNOWN = _("There is no such field.")


class Day(serializers.DateField):
    """A day as `yyyy-mm-dd`, of the years 1990 to 2100."""

    default_error_messages = {
        "invalid": _("Write the day as yyyy-mm-dd."),
        "datetime": _("Write the day as yyyy-mm-dd."),
        "reach": OUT_OF_REACH,
    }

    def to_internal_value(self, value: Any) -> dt.date:
        day: dt.date = super().to_internal_value(value)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail("reach")
        return day


class Instant(serializers.DateTimeField):
    """An instant of ISO 8601 with its offset from UTC, of the years 1990 to 2100; UTC inside."""

    default_error_messages = {
        "invalid": _("Write the instant as ISO 8601 with its offset."),
        "date": _("Write the instant as ISO 8601 with its offset."),
        "make_aware": _("Write the instant as ISO 8601 with its offset."),
        "overflow": OUT_OF_REACH,
        "naive": _("An instant needs its offset from UTC."),
        "reach": OUT_OF_REACH,
    }

    def to_internal_value(self, value: Any) -> dt.datetime:
        moment = self._parsed(value)
        if moment is None:
            self.fail("invalid")
        if moment.tzinfo is None:
            self.fail("naive")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            self.fail("reach")
        return moment.astimezone(dt.UTC)

    def _parsed(self, value: Any) -> dt.datetime | None:
        try:
            return parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            return None


class _KnownFields:
    """Refuses fields that the serializer does not have, together with what else is wrong."""

    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        names = list(data) if isinstance(data, Mapping) else []
        unknown: dict[str, Any] = {str(name): [UNKNOWN] for name in names if str(name) not in self.fields}
        try:
            known = super().to_internal_value(data)  # type: ignore[misc]
        except serializers.ValidationError as refusal:
            if unknown and isinstance(refusal.detail, dict):
                raise serializers.ValidationError(refusal.detail | unknown) from refusal
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return known


class Body(_KnownFields, serializers.Serializer[Any]):
    """The body of a request, or an object in it."""


class ModelBody(_KnownFields, serializers.ModelSerializer[Any]):
    """The body of a request that writes a row; its read-only fields may be sent back, and say nothing."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateField: Day,
        models.DateTimeField: Instant,
    }


class Nothing(Body):
    """No fields at all."""


def refuse_body(request: Request) -> None:
    """Refuse what is sent to an address that reads no body."""
    if request.data:
        Nothing(data=request.data).is_valid(raise_exception=True)
