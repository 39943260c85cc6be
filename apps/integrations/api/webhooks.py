"""Webhooks: endpoints and their deliveries."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.web.api import Repeatable, content_tag, match_or_refuse, tagged
from apps.core.web.api.bodies import Body, Instant, refuse_body
from apps.integrations.choices import WEBHOOK_EVENTS, OperationState
from apps.integrations.models import WebhookEndpoint, WebhookMessage
from apps.integrations.selectors.webhooks import deliveries_of, endpoints_seen_by
from apps.integrations.services import webhooks

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User

LONGEST_SECRET = 100


class WebhookBody(Body):
    """What is sent to make or change an endpoint; `secret` only when it is made."""

    name = serializers.CharField(max_length=120)
    url = serializers.CharField(max_length=300)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=list(WEBHOOK_EVENTS)), allow_empty=False
    )
    secret = serializers.CharField(max_length=LONGEST_SECRET, required=False)


class WebhookSerializer(serializers.ModelSerializer[WebhookEndpoint]):
    """An endpoint as it is shown; the secret has a door of its own."""

    name = serializers.CharField(source="connection.name")
    url = serializers.CharField(source="connection.base_url")
    created_at = serializers.DateTimeField(source="connection.created_at")
    owner = serializers.CharField(source="owner.username", default=None)
    state = serializers.ChoiceField(choices=["active", "failing", "paused", "closed"])
    pause_reason = serializers.SerializerMethodField()

    class Meta:
        model = WebhookEndpoint
        fields = (
            *("id", "name", "url", "events", "state", "owner", "created_at"),
            *("failing_since", "paused_at", "pause_reason", "old_secret_until"),
        )

    def get_pause_reason(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint.pause_reason)


class DeliverySerializer(serializers.ModelSerializer[WebhookMessage]):
    """One message on its way; its operation has the attempts with request and answer."""

    message_id = serializers.SerializerMethodField()
    state = serializers.ChoiceField(source="operation.state", choices=OperationState.choices)
    attempts = serializers.IntegerField(source="operation.attempt")
    reason = serializers.SerializerMethodField()
    next_at = serializers.SerializerMethodField()
    delivered_at = serializers.SerializerMethodField()

    class Meta:
        model = WebhookMessage
        fields = (
            *("id", "message_id", "event_type", "created_at", "operation", "state"),
            *("attempts", "reason", "next_at", "delivered_at"),
        )

    def get_message_id(self, message: WebhookMessage) -> str:
        return f"msg_{message.event_id.hex}"

    def get_reason(self, message: WebhookMessage) -> str:
        return str(message.operation.reason) if message.operation else ""

    def get_next_at(self, message: WebhookMessage) -> str | None:
        operation = message.operation
        waits = operation is not None and operation.state == OperationState.PENDING
        return operation.run_at.isoformat() if operation is not None and waits else None

    def get_delivered_at(self, message: WebhookMessage) -> str | None:
        operation = message.operation
        done = operation is not None and operation.state == OperationState.COMPLETED
        return operation.finished_at.isoformat() if done and operation and operation.finished_at else None


class WebhookView(generics.GenericAPIView[WebhookEndpoint]):
    """What the doors of endpoints share."""

    area = "webhooks"
    queryset = WebhookEndpoint.objects.none()
    serializer_class = WebhookSerializer

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        return endpoints_seen_by(self.request.user).order_by("pk")

    def shown(self, endpoint: WebhookEndpoint) -> dict[str, Any]:
        found: dict[str, Any] = self.get_serializer(self.get_queryset().get(pk=endpoint.pk)).data
        return found


class WebhookList(Repeatable, WebhookView):
    """The endpoints to which events are sent."""

    creates = True
    ordering_fields = ["id"]

    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=WebhookBody, responses={201: WebhookSerializer})
    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Add an endpoint; its secret is given by `webhooks/{id}/secret`."""
        asked = WebhookBody(data=request.data)
        asked.is_valid(raise_exception=True)
        endpoint, _secret = webhooks.create_endpoint(**asked.validated_data, actor=_actor(request))
        response = tagged(request, self.shown(endpoint), status=HTTPStatus.CREATED)
        response["Location"] = f"{request.path}{endpoint.pk}/"
        return response


class WebhookDetail(WebhookView):
    """One endpoint."""

    tagged_methods: ClassVar[frozenset[str]] = frozenset({"PATCH", "DELETE"})

    def get(self, request: Request, pk: int) -> Response:
        return tagged(request, self.get_serializer(self.get_object()).data)

    @extend_schema(request=WebhookBody, responses=WebhookSerializer)
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        """Change name, address or events; what waits goes to the new address."""
        endpoint = self._matched(request)
        asked = WebhookBody(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        if "secret" in facts:
            raise serializers.ValidationError({"secret": ["POST webhooks/{id}/secret/ makes a new one."]})
        changed = webhooks.change_endpoint(endpoint.pk, actor=_actor(request), **facts)
        return tagged(request, self.shown(changed))

    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        """Close the endpoint: what waits is cancelled, its deliveries stay."""
        webhooks.close_endpoint(self._matched(request).pk, actor=_actor(request))
        return Response(status=HTTPStatus.NO_CONTENT)

    def _matched(self, request: Request) -> WebhookEndpoint:
        webhooks.lock_endpoint(self.get_object().pk)
        endpoint = self.get_object()
        shown = self.get_serializer(endpoint).data
        match_or_refuse(request, content_tag(shown), current=shown)
        return endpoint


class SecretSerializer(serializers.Serializer[Any]):
    """A secret in plain."""

    secret = serializers.CharField()


class WebhookSecret(Repeatable, WebhookView):
    """The secret by which a receiver checks signatures; a key needs `webhooks:write` to see it."""

    guards_reading = True

    @extend_schema(responses=SecretSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Give the secret in force; that it was looked at is recorded."""
        secret = webhooks.show_secret(self.get_object().pk, actor=_actor(request))
        response = Response({"secret": secret})
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(request=None, responses=WebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Make a new secret; the earlier one signs beside it for a day."""
        refuse_body(request)
        endpoint, _secret = webhooks.rotate_secret(self.get_object().pk, actor=_actor(request))
        return Response(self.shown(endpoint))


class WebhookPause(Repeatable, WebhookView):
    """Stop sending for a while."""

    @extend_schema(request=None, responses=WebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Pause: what waits stays, what happens meanwhile is not sent."""
        refuse_body(request)
        return Response(self.shown(webhooks.pause_endpoint(self.get_object().pk, actor=_actor(request))))


class WebhookResume(Repeatable, WebhookView):
    """Send again."""

    @extend_schema(request=None, responses=WebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Resume, beginning with what waited."""
        refuse_body(request)
        return Response(self.shown(webhooks.resume_endpoint(self.get_object().pk, actor=_actor(request))))


class SinceBody(Body):
    """From when on events are sent that were not."""

    since = Instant()


class SentSerializer(serializers.Serializer[Any]):
    """How many messages were written."""

    messages = serializers.IntegerField()


class WebhookMissed(Repeatable, WebhookView):
    """What happened during a pause, or before the endpoint was there."""

    @extend_schema(request=SinceBody, responses=SentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Send the events since an instant that the endpoint never got."""
        asked = SinceBody(data=request.data)
        asked.is_valid(raise_exception=True)
        endpoint = self.get_object()
        sent = webhooks.send_since(endpoint.pk, asked.validated_data["since"], actor=_actor(request))
        return Response({"messages": sent})


class WebhookTestBody(Body):
    """Which endpoint is tried."""

    webhook = serializers.IntegerField(min_value=1)


class TestSentSerializer(serializers.Serializer[Any]):
    """The operation whose outcome tells how the test went."""

    operation = serializers.IntegerField()


class WebhookTest(Repeatable, APIView):
    """Try an endpoint."""

    area = "webhooks"

    @extend_schema(request=WebhookTestBody, responses={202: TestSentSerializer})
    def post(self, request: Request) -> Response:
        """Send an event `webhook.test` before all others; its operation tells the outcome."""
        asked = WebhookTestBody(data=request.data)
        asked.is_valid(raise_exception=True)
        endpoint = get_object_or_404(endpoints_seen_by(request.user), pk=asked.validated_data["webhook"])
        operation = webhooks.send_test(endpoint.pk, actor=_actor(request))
        return Response({"operation": operation.pk}, status=HTTPStatus.ACCEPTED)


class DeliveryList(generics.ListAPIView[WebhookMessage]):
    """The deliveries of an endpoint, newest first."""

    area = "webhooks"
    queryset = WebhookMessage.objects.none()
    serializer_class = DeliverySerializer
    extra_filters: ClassVar[set[str]] = {"state", "event"}
    ordering_fields = ["created_at"]

    def get_queryset(self) -> QuerySet[WebhookMessage]:
        endpoint = get_object_or_404(endpoints_seen_by(self.request.user), pk=self.kwargs["pk"])
        asked = self.request.query_params
        return deliveries_of(endpoint, state=asked.get("state", ""), event=asked.get("event", ""))


def _actor(request: Request) -> User:
    return cast("User", request.user)
