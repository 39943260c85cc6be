"""What other systems send for 1C, in the words of the gateway, and what they are answered."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from apps.core.web.api.bodies import Body, Day, Instant
from apps.integrations.wire.onec.facts import SLICE_MS

MOST_PEOPLE = 1000
MOST_SHIFTS = 400
MOST_SLICES = 200
MOST_MONTHS = 24
CLOCK = r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z"
DAY_MINUTES = 1440


class ClockField(serializers.RegexField):
    """A reading of a clock, `HH:MM`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            CLOCK, error_messages={"invalid": gettext_lazy("Write the time as HH:MM.")}, **options
        )


class ShiftBody(Body):
    """Times are of the site's clock; an end at or before the start is of the next day."""

    date = Day()
    start_time = ClockField()
    end_time = ClockField()
    break_minutes = serializers.IntegerField(min_value=0, max_value=DAY_MINUTES, default=0)
    shift_type = serializers.CharField(max_length=100, allow_blank=True, default="")
    location_code = serializers.CharField(max_length=100, allow_blank=True, default="")


class PersonBody(Body):
    employee_id = serializers.CharField(max_length=64)
    shifts = serializers.ListField(child=ShiftBody(), max_length=MOST_SHIFTS)


class ScheduleBody(Body):
    """Whole months of some people's shifts."""

    period_start = Day()
    period_end = Day()
    schedules = serializers.ListField(child=PersonBody(), min_length=1, max_length=MOST_PEOPLE)


class SliceBody(Body):
    start = Instant()
    time = serializers.IntegerField(min_value=1, max_value=SLICE_MS)


class FactBody(Body):
    """What one person worked on the shift of a day, in slices; an empty list is a fact of nothing."""

    agent_id = serializers.CharField(max_length=64)
    initiator_name = serializers.CharField(max_length=200)
    date_start = Day()
    loginfo = serializers.ListField(child=SliceBody(), max_length=MOST_SLICES)

    def validate_loginfo(self, rows: list[dict[str, Any]]) -> list[tuple[dt.datetime, dt.datetime]]:
        """Give the slices as stretches; refuses those that overlap."""
        found = sorted((row["start"], row["start"] + dt.timedelta(milliseconds=row["time"])) for row in rows)
        for (_start, end), (following, _end) in pairwise(found):
            if end > following:
                raise serializers.ValidationError(_("Two stretches of work overlap."))
        return found


class Refused(serializers.Serializer[Any]):
    employee_id = serializers.CharField()
    message = serializers.CharField()


class ScheduleAccepted(serializers.Serializer[Any]):
    """Who is on the way and in which operations, and who was refused before sending."""

    run = serializers.IntegerField()
    url = serializers.CharField()
    operations = serializers.ListField(child=serializers.IntegerField())
    accepted = serializers.ListField(child=serializers.CharField())
    refused = Refused(many=True)


class PersonAnswer(serializers.Serializer[Any]):
    """`result` is null while it is open; `message` is what 1C said, word for word."""

    employee_id = serializers.CharField()
    result = serializers.BooleanField(allow_null=True)
    state = serializers.CharField()
    message = serializers.CharField(allow_blank=True)


class ScheduleAnswer(serializers.Serializer[Any]):
    """`result` is null while anything is open, false if anybody failed."""

    run = serializers.IntegerField()
    result = serializers.BooleanField(allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    schedules = PersonAnswer(many=True)


class FactAnswer(serializers.Serializer[Any]):
    """`result` is null while it is open or not known; `doc` is the document that 1C made."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    operation = serializers.IntegerField(allow_null=True)
    agent_id = serializers.CharField()
    date_start = serializers.DateField()
    state = serializers.CharField()
    result = serializers.BooleanField(allow_null=True)
    doc = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_blank=True)


class SchedulesBody(Body):
    """Which published months go to 1C: `first` as 2026-11 (else the present one), how many, of whom."""

    connection = serializers.SlugField(required=False, max_length=40)
    first = serializers.RegexField(
        r"\A(199[0-9]|20[0-9]{2}|2100)-(0[1-9]|1[0-2])\Z",
        required=False,
        error_messages={"invalid": gettext_lazy("Write the month as yyyy-mm.")},
    )
    months = serializers.IntegerField(min_value=1, max_value=MOST_MONTHS, required=False)
    employees = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, min_length=1, max_length=MOST_PEOPLE
    )
    again = serializers.BooleanField(default=False)
