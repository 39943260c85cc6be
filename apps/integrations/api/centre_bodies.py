"""What contact centres send to our doors, in batches, and what is answered."""

# ruff: noqa: N815 - the names are those of the contract

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.web.api.bodies import Body, Instant

MOST_ROWS = 1000
MOST_INTERVALS = 5000
_ID = 120
_NAME = 200
_COUNT = 10**9
_MS = 10**12


def _count(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=_COUNT, **more)


def _ms(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=_MS, **more)


class StateRow(Body):
    """An agent who entered (`action` 1) or left (0) a status."""

    agentId = serializers.CharField(max_length=_ID)
    stateCode = serializers.CharField(max_length=_ID)
    stateName = serializers.CharField(max_length=_NAME, required=False, default="", allow_blank=True)
    startDate = Instant()
    action = serializers.ChoiceField(choices=[0, 1], required=False, default=1)


class StatesBody(Body):
    centre = serializers.SlugField(max_length=40, help_text=_("Code of the connection."))
    agents = serializers.ListField(child=StateRow(), allow_empty=False, max_length=MOST_ROWS)


class CallRow(Body):
    """A contact that has ended."""

    agentId = serializers.CharField(max_length=_ID)
    groupId = serializers.CharField(max_length=_ID)
    serviceId = serializers.CharField(max_length=_ID, required=False, default="", allow_blank=True)
    startCall = Instant()
    endCall = Instant()


class LoadRow(Body):
    """A group just now; counters since the start of its day, times in milliseconds."""

    groupId = serializers.CharField(max_length=_ID)
    serviceId = serializers.CharField(max_length=_ID, required=False, default="", allow_blank=True)
    callNumber = _count()
    operatorNumber = _count()
    callReceived = _count(required=False, allow_null=True)
    callAnswered = _count(required=False, allow_null=True)
    callAnsweredTst = _count(required=False, allow_null=True)
    callProcessing = _count(required=False, allow_null=True)
    aht = _ms(required=False, allow_null=True)
    awt = _ms(required=False, allow_null=True)
    acd = serializers.FloatField(min_value=0, max_value=100, required=False, allow_null=True)


class CallsBody(Body):
    """Contacts that have ended, the groups as they are now, or both."""

    centre = serializers.SlugField(max_length=40, help_text=_("Code of the connection."))
    calls = serializers.ListField(child=CallRow(), required=False, max_length=MOST_ROWS)
    groups = serializers.ListField(child=LoadRow(), required=False, max_length=MOST_ROWS)


class IntervalRow(Body):
    startInterval = Instant()
    endInterval = Instant()
    notUniqueReceived = _count()
    notUniqueTreated = _count()
    notUniqueMissed = _count()
    receivedCalls = _count(required=False, allow_null=True)
    treatedCalls = _count(required=False, allow_null=True)
    missCalls = _count(required=False, allow_null=True)
    aht = _ms(required=False, default=0)
    postProcessing = _ms(required=False, default=0)


class GroupRow(Body):
    groupId = serializers.CharField(max_length=_ID)
    serviceId = serializers.CharField(max_length=_ID, required=False, default="", allow_blank=True)
    historicData = serializers.ListField(child=IntervalRow(), allow_empty=False, max_length=MOST_INTERVALS)


class MetricsBody(Body):
    centre = serializers.SlugField(max_length=40, help_text=_("Code of the connection."))
    metrics = serializers.ListField(child=GroupRow(), allow_empty=False, max_length=MOST_ROWS)


class ProblemSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField()
    field = serializers.CharField()
    reason = serializers.CharField()


class ReceivedSerializer(serializers.Serializer[Any]):
    """Rows that were new or changed, rows that were there, rows refused."""

    appended = serializers.IntegerField()
    repeated = serializers.IntegerField()
    refused = ProblemSerializer(many=True)


class WindowBody(serializers.Serializer[Any]):
    """The query of the past: `[startDate, endDate)`, ids separated by commas (none: all, at most 100)."""

    startDate = Instant()
    endDate = Instant()


class GroupDataQuery(WindowBody):
    step = _ms(help_text=_("Milliseconds."))
    groupId = serializers.CharField(required=False)


class AgentDataQuery(WindowBody):
    agentId = serializers.CharField(required=False)


class VendorErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    description = serializers.CharField()


class IntervalSerializer(serializers.Serializer[Any]):
    startInterval = serializers.DateTimeField()
    endInterval = serializers.DateTimeField()
    notUniqueReceived = serializers.IntegerField()
    notUniqueTreated = serializers.IntegerField()
    notUniqueMissed = serializers.IntegerField()
    receivedCalls = serializers.IntegerField()
    treatedCalls = serializers.IntegerField()
    missCalls = serializers.IntegerField()
    aht = serializers.IntegerField()
    postProcessing = serializers.IntegerField()


class GroupDataSerializer(serializers.Serializer[Any]):
    serviceId = serializers.CharField()
    groupId = serializers.CharField()
    historicData = IntervalSerializer(many=True)


class SpanSerializer(serializers.Serializer[Any]):
    startDate = serializers.DateTimeField()
    endDate = serializers.DateTimeField(allow_null=True)
    stateCode = serializers.CharField()
    stateName = serializers.CharField()


class AgentDataSerializer(serializers.Serializer[Any]):
    agentId = serializers.CharField()
    states = SpanSerializer(many=True)
