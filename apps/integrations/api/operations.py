"""The operation queue for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable
from apps.core.web.api.bodies import Body
from apps.integrations.models import Attempt, Operation
from apps.integrations.selectors.operations import visible_operations
from apps.integrations.services.operations import cancel, replay, retry
from apps.integrations.services.operations.steering import LONGEST_REASON

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User


class OperationSerializer(serializers.ModelSerializer[Operation]):
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = Operation
        fields = [
            "id",
            "connection",
            "kind",
            "key",
            "priority",
            "state",
            "failure",
            "reason",
            "detail",
            "failures",
            "attempt",
            "run",
            "replay_of",
            "session_id",
            "requested_by",
            "created_at",
            "run_at",
            "settle_at",
            "finished_at",
        ]
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = Attempt
        fields = [
            "number",
            "is_settling",
            "request_id",
            "began_at",
            "ended_at",
            "outcome",
            "reason",
            "status",
            "request",
            "answer",
        ]
        read_only_fields = fields


class OperationDetailSerializer(OperationSerializer):
    """With its attempts; request and answer are masked."""

    attempts = AttemptSerializer(many=True, read_only=True)

    class Meta(OperationSerializer.Meta):
        fields = [*OperationSerializer.Meta.fields, "attempts"]
        read_only_fields = fields


class ReasonBody(Body):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ConfirmedBody(ReasonBody):
    """`confirmed`: it is known that sending again does no harm, or it is wanted anyway."""

    confirmed = serializers.BooleanField(default=False)


class OperationList(generics.ListAPIView[Operation]):
    """What is to be sent to other systems and what came of it, newest first."""

    area = "integrations"
    queryset = Operation.objects.none()
    serializer_class = OperationSerializer
    filterset_fields = {
        "connection": ["exact"],
        "kind": ["exact"],
        "state": ["exact"],
        "failure": ["exact"],
        "priority": ["exact"],
        "run": ["exact"],
        "created_at": ["gte", "lt"],
    }
    ordering_fields = ["created_at", "run_at", "priority", "finished_at"]

    def get_queryset(self) -> QuerySet[Operation]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        return visible_operations(self.request.user).defer("payload", "result")


class OperationDetail(generics.RetrieveAPIView[Operation]):
    """One operation with its attempts."""

    area = "integrations"
    queryset = Operation.objects.none()
    serializer_class = OperationDetailSerializer

    def get_queryset(self) -> QuerySet[Operation]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        return visible_operations(self.request.user).prefetch_related("attempts")


class Steering(Repeatable, APIView):
    """What the doors that steer an operation share."""

    area = "integrations"

    def asked(self, request: Request, body: type[Body]) -> dict[str, Any]:
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        sent = body(data=request.data)
        sent.is_valid(raise_exception=True)
        return {"actor": cast("User", request.user), **sent.validated_data}


class OperationRetry(Steering):
    """Let an operation wait again."""

    @extend_schema(request=ConfirmedBody, responses=OperationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Try an operation again that failed, was cancelled or whose outcome is unknown."""
        rows = retry([pk], **self.asked(request, ConfirmedBody))
        return Response(OperationSerializer(rows[0]).data)


class OperationCancel(Steering):
    """Cancel an operation."""

    @extend_schema(request=ReasonBody, responses=OperationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Cancel an operation that waits or whose outcome is unknown."""
        return Response(OperationSerializer(cancel([pk], **self.asked(request, ReasonBody))[0]).data)


class OperationReplay(Steering):
    """Send what ended again."""

    @extend_schema(request=ConfirmedBody, responses={201: OperationSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Do an operation that ended again, as a new one."""
        rows = replay([pk], **self.asked(request, ConfirmedBody))
        return Response(OperationSerializer(rows[0]).data, status=201)
