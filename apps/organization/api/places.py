"""The queues that a person works in, by days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require, today
from apps.core.web.api import content_tag, match_or_refuse, tagged
from apps.organization.api.people import one_card
from apps.organization.api.serializers import EmployeePlacesSerializer, PlacesWriteSerializer
from apps.organization.selectors import dated_places
from apps.organization.services.checking import locked_employee
from apps.organization.services.placing import set_places
from apps.organization.types import PlaceFacts

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

    from apps.accounts.models import User


class EmployeeQueues(APIView):
    """The places of a person in queues, past, present and ahead, in order of days."""

    tagged_methods = frozenset({"PUT"})

    @extend_schema(responses=EmployeePlacesSerializer)
    def get(self, request: Request, pk: int) -> Response:
        one_card(request, pk)
        return tagged(request, _places(pk))

    @extend_schema(request=PlacesWriteSerializer, responses=EmployeePlacesSerializer)
    @transaction.atomic
    def put(self, request: Request, pk: int) -> Response:
        """Let the person be in these queues from `valid_from` on and in no others; the past stays."""
        require(request.user, Capability.EDIT_MASTER_DATA)
        one_card(request, pk)
        asked = PlacesWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        person, now = locked_employee(pk), _places(pk)
        match_or_refuse(request, content_tag(now), current=now)
        facts = asked.validated_data
        set_places(
            employee_id=pk,
            places=[PlaceFacts(each.pop("queue").pk, **each) for each in facts["queues"]],
            valid_from=facts.get("valid_from") or max(today(), person.hired_on),
            actor=cast("User", request.user),
        )
        return tagged(request, _places(pk))


def _places(pk: int) -> dict[str, Any]:
    return {"queues": dated_places(pk)}
