"""Sums of contacts over hours, days, weeks and months."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api.bodies import Instant
from apps.core.web.api.filters import refuse_unknown
from apps.demand.selectors.statistics import Period, contact_statistics
from apps.organization.models import Queue
from apps.organization.policies import queues_visible_to

if TYPE_CHECKING:
    from rest_framework.request import Request

MOST_PERIODS = 40_000
LENGTH_S = {Period.HOUR: 3600, Period.DAY: 86_400, Period.WEEK: 7 * 86_400, Period.MONTH: 28 * 86_400}


class StatisticsQuerySerializer(serializers.Serializer[Any]):
    """What to sum: all queues that the person may see unless named (`?queue=1&queue=2`)."""

    start = Instant()
    end = Instant(help_text="After the start; not included.")
    period = serializers.ChoiceField(choices=[period.value for period in Period], default="day")
    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all(), many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": _("The end lies before the start.")})
        return attrs


class QueueStatisticsSerializer(serializers.Serializer[Any]):
    """Lists of one length, a value for each period that holds intervals; null where nothing is known."""

    queue_id = serializers.IntegerField()
    code = serializers.CharField()
    time_zone = serializers.CharField(help_text="Its zone decides what a day is.")
    starts = serializers.ListField(child=serializers.DateTimeField())
    intervals = serializers.ListField(child=serializers.IntegerField())
    offered = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    handled = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    abandoned = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    handle_s = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    answered_in_target = serializers.ListField(child=serializers.IntegerField(allow_null=True))


class StatisticsSerializer(serializers.Serializer[Any]):
    period = serializers.ChoiceField(choices=[period.value for period in Period])
    queues = QueueStatisticsSerializer(many=True)


class ContactStatistics(APIView):
    """Contacts summed by hour, day, week or month of each queue's own clock."""

    area = "history"

    @extend_schema(parameters=[StatisticsQuerySerializer], responses=StatisticsSerializer)
    def get(self, request: Request) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        query = StatisticsQuerySerializer(data=request.query_params)
        refuse_unknown(request, query.fields)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        queues = asked.get("queue") or list(queues_visible_to(request.user))
        period = Period(asked["period"])
        span_s = (asked["end"] - asked["start"]).total_seconds()
        if span_s / LENGTH_S[period] * len(queues) > MOST_PERIODS:
            message = _("At most %(most)s periods at once.") % {"most": MOST_PERIODS}
            raise serializers.ValidationError({"end": [message]})
        found = contact_statistics(queues, start=asked["start"], end=asked["end"], period=period)
        return Response({"period": period.value, "queues": [asdict(each) for each in found]})
