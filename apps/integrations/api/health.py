"""Connections for other programs: how they do, testing and running them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import get_object_or_404
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.bodies import Body, refuse_body
from apps.core.web.api.filters import refuse_unknown
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.integrations.models import Connection, Run
from apps.integrations.selectors.health import ConnectionState, connection_states
from apps.integrations.selectors.runs import purpose_label, visible_runs
from apps.integrations.services.runs import start_run
from apps.integrations.services.testing import request_test

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User


class ConnectionHealthSerializer(serializers.Serializer[Any]):
    """How one connection does; shares are fractions, null where no call was made."""

    code = serializers.CharField(source="connection.code")
    name = serializers.CharField(source="connection.name")
    system = serializers.CharField(source="connection.system")
    is_active = serializers.BooleanField(source="connection.is_active")
    status = serializers.ChoiceField(
        choices=["down", "troubled", "well", "paused", "new"], source="standing.value"
    )
    reason = serializers.SerializerMethodField()
    last_success_at = serializers.DateTimeField(allow_null=True)
    success_day = serializers.FloatField(allow_null=True)
    success_week = serializers.FloatField(allow_null=True)
    target = serializers.FloatField()
    waiting = serializers.IntegerField()
    oldest_age_s = serializers.IntegerField(allow_null=True)
    failed = serializers.IntegerField()
    unknown = serializers.IntegerField()
    breaker_open_until = serializers.DateTimeField(source="open_until", allow_null=True)
    failures_in_a_row = serializers.IntegerField()
    error_share = serializers.FloatField(allow_null=True)
    p95_ms = serializers.IntegerField(allow_null=True)
    feed_age_s = serializers.IntegerField(allow_null=True)
    socket_state = serializers.ChoiceField(choices=["live", "fallback", "down"], allow_null=True)

    def get_reason(self, state: ConnectionState) -> str:
        return str(state.reason or "")


class IntegrationsHealthSerializer(serializers.Serializer[Any]):
    """The health of all connections: healthy unless one that is active is down or in trouble."""

    status = serializers.ChoiceField(choices=["healthy", "degraded"])
    connections = ConnectionHealthSerializer(many=True)


class IntegrationsHealth(APIView):
    """The health of every connection to another system."""

    area = "integrations"

    @extend_schema(responses=IntegrationsHealthSerializer)
    def get(self, request: Request) -> Response:
        """Give status, success, queue, breaker and age of data of every connection."""
        require(request.user, Capability.VIEW_INTEGRATIONS)
        refuse_unknown(request, set())
        states = connection_states()
        troubled = any(state.standing in {"down", "troubled"} for state in states)
        whole = {"status": "degraded" if troubled else "healthy", "connections": states}
        return Response(IntegrationsHealthSerializer(whole).data)


class RunBody(Body):
    purpose = serializers.CharField(max_length=64)
    options = serializers.DictField(required=False, default=dict)


class TestConnection(Repeatable, APIView):
    """Test a connection with calls that change nothing."""

    area = "integrations"

    @extend_schema(request=None, responses={202: JOB_ACCEPTED})
    def post(self, request: Request, code: str) -> Response:
        """Start the job that tests the connection; its result holds what was found, in words."""
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        refuse_unknown(request, set())
        refuse_body(request)
        connection = get_object_or_404(Connection, code=code)
        return accepted(request_test(connection, actor=cast("User", request.user)).pk)


class RunConnection(Repeatable, APIView):
    """Run a connection for one of its purposes."""

    area = "integrations"

    @extend_schema(request=RunBody, responses={202: JOB_ACCEPTED})
    def post(self, request: Request, code: str) -> Response:
        """Start the job that runs the connection; 409 while it is being run for the same."""
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        refuse_unknown(request, set())
        asked = RunBody(data=request.data)
        asked.is_valid(raise_exception=True)
        connection = get_object_or_404(Connection, code=code)
        data = asked.validated_data
        run = start_run(
            connection, data["purpose"], actor=cast("User", request.user), options=data["options"]
        )
        return accepted(cast("Any", run.job_id))


class RunSerializer(serializers.ModelSerializer[Run]):
    connection = serializers.CharField(source="connection.code")
    purpose_label = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    counts = serializers.DictField(child=serializers.IntegerField())
    problems = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Run
        fields = [
            "id",
            "connection",
            "purpose",
            "purpose_label",
            "state",
            "failure",
            "reason",
            "session_id",
            "job_id",
            "began_at",
            "ended_at",
            "counts",
            "problems",
        ]

    def get_purpose_label(self, run: Run) -> str:
        return purpose_label(run.purpose)

    def get_reason(self, run: Run) -> str:
        return str(run.reason)


class RunRowSerializer(RunSerializer):
    class Meta(RunSerializer.Meta):
        fields = [name for name in RunSerializer.Meta.fields if name != "problems"]

    problems = None  # type: ignore[assignment]  # a list of runs is short without them


class RunFilters(FilterSet):  # type: ignore[misc]  # the package has no types
    connection = CharFilter(field_name="connection__code")

    class Meta:
        model = Run
        fields = ["purpose", "state"]


class RunList(generics.ListAPIView[Run]):
    """Runs of connections, newest first."""

    area = "integrations"
    queryset = Run.objects.none()
    serializer_class = RunRowSerializer
    filterset_class = RunFilters
    ordering_fields = ["began_at"]

    def get_queryset(self) -> QuerySet[Run]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        runs = visible_runs(cast("User", self.request.user)).select_related("connection")
        return runs.defer("problems", "plan").order_by("-began_at")


class RunDetail(generics.RetrieveAPIView[Run]):
    """One run with its problems."""

    area = "integrations"
    queryset = Run.objects.none()
    serializer_class = RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        return visible_runs(cast("User", self.request.user)).select_related("connection")
