"""Our store in the shape of a contact centre's history, refusals in its shape, too."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError
from apps.integrations.api.centre_bodies import (
    AgentDataQuery,
    AgentDataSerializer,
    GroupDataQuery,
    GroupDataSerializer,
    VendorErrorSerializer,
)
from apps.integrations.selectors.centre import MOST_IDS, MOST_SPAN, agent_data, group_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rest_framework import serializers
    from rest_framework.request import Request

    from apps.accounts.models import User


REFUSALS = {400: VendorErrorSerializer, 404: VendorErrorSerializer}


class ServiceGroupData(APIView):
    """Contacts of groups by interval, as a contact centre would answer them."""

    area = "integrations"

    @extend_schema(
        parameters=[GroupDataQuery],
        responses={
            200: GroupDataSerializer(many=True),
            **REFUSALS,
        },
    )
    def get(self, request: Request) -> Response:
        """Answer from the history of our queues; 404 with an error object where there is none."""

        def find(asked: dict[str, Any]) -> Sequence[dict[str, Any]]:
            return group_data(asked["startDate"], asked["endDate"], asked["step"], _ids(asked, "groupId"))

        return _answer(request, GroupDataQuery, find)


class AgentStatusData(APIView):
    """Statuses of agents, as a contact centre would answer them."""

    area = "integrations"

    @extend_schema(
        parameters=[AgentDataQuery],
        responses={
            200: AgentDataSerializer(many=True),
            **REFUSALS,
        },
    )
    def get(self, request: Request) -> Response:
        """Answer from the states that centres have told of; 404 with an error object where there are none."""

        def find(asked: dict[str, Any]) -> Sequence[dict[str, Any]]:
            return agent_data(asked["startDate"], asked["endDate"], _ids(asked, "agentId"))

        return _answer(request, AgentDataQuery, find)


def _answer(
    request: Request,
    query: type[serializers.Serializer[Any]],
    find: Callable[[dict[str, Any]], Sequence[dict[str, Any]]],
) -> Response:
    require(cast("User", request.user), Capability.VIEW_INTEGRATIONS)
    asked = query(data={name: _written(name, str(text)) for name, text in request.query_params.items()})
    if not asked.is_valid():
        field, messages = next(iter(asked.errors.items()))
        return _error(HTTPStatus.BAD_REQUEST, str(field), str(messages[0]))
    values = asked.validated_data
    if not values["startDate"] < values["endDate"] <= values["startDate"] + MOST_SPAN:
        told = _("The span has to begin before it ends and to have at most %(days)d days.")
        return _error(HTTPStatus.BAD_REQUEST, "endDate", told % {"days": MOST_SPAN.days})
    try:
        found = find(values)
    except DomainError as refusal:
        return _error(HTTPStatus.BAD_REQUEST, next(iter(refusal.fields), ""), refusal.message)
    if not found:
        return _error(HTTPStatus.NOT_FOUND, "", _("There is no data for this request."))
    return Response(found)


def _written(name: str, text: str) -> str:
    """Give a parameter as it was meant: the plus of an offset that was not escaped came as a space."""
    return text.replace(" ", "+") if name in {"startDate", "endDate"} else text


def _ids(asked: dict[str, Any], name: str) -> list[str]:
    ids = [text.strip() for text in asked.get(name, "").split(",") if text.strip()]
    if len(ids) > MOST_IDS:
        told = _("At most %(most)d ids at once.") % {"most": MOST_IDS}
        raise DomainError(told, fields={name: [told]})
    return ids


def _error(status: HTTPStatus, field: str, message: str) -> Response:
    return Response({"field": field, "message": message, "description": message}, status=status)
