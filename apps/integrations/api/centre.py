"""Doors for contact centres that send of themselves, in batches of an API key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.web.api import Repeatable
from apps.integrations.api.centre_bodies import CallsBody, MetricsBody, ReceivedSerializer, StatesBody
from apps.integrations.policies import require_operating
from apps.integrations.services.centre.doors import connection_named
from apps.monitoring.models import QueueLink
from apps.monitoring.services import intake
from apps.monitoring.services.intake import Transport
from apps.monitoring.services.taking_history import take_intervals
from apps.monitoring.types import AgentContact, GroupInterval, QueueLoad, Received, StateChange

if TYPE_CHECKING:
    from rest_framework.request import Request

    from apps.accounts.models import User
    from apps.core.web.api.bodies import Body


class CentreDoor(Repeatable, APIView):
    """What the doors share: the centre is named by the code of its connection."""

    area = "integrations"
    body: type[Body]

    def asked(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Check what is sent; gives the centre and the rest."""
        require_operating(cast("User", request.user))
        asked = self.body(data=request.data)
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        return connection_named(found["centre"]).code, found


class RealtimeAgents(CentreDoor):
    """Statuses of agents, as they change."""

    body = StatesBody

    @extend_schema(request=StatesBody, responses=ReceivedSerializer)
    def post(self, request: Request) -> Response:
        """Take statuses that agents entered or left; late, doubled and disordered ones heal."""
        source, sent = self.asked(request)
        changes = [
            StateChange(
                agent=row["agentId"],
                code=row["stateCode"],
                name=row["stateName"],
                at=row["startDate"],
                entered=bool(row["action"]),
            )
            for row in sent["agents"]
        ]
        return _told(intake.receive_changes(source, changes, transport=Transport.PUSH))


class RealtimeCalls(CentreDoor):
    """Contacts that have ended, and the groups as they are now."""

    body = CallsBody

    @extend_schema(request=CallsBody, responses=ReceivedSerializer)
    def post(self, request: Request) -> Response:
        """Take contacts and the load of groups."""
        source, sent = self.asked(request)
        if not sent.get("calls") and not sent.get("groups"):
            told = _("There are neither calls nor groups.")
            raise DomainError(told, fields={"calls": [told]})
        contacts = [
            AgentContact(row["agentId"], row["groupId"], row["serviceId"], row["startCall"], row["endCall"])
            for row in sent.get("calls", ())
        ]
        received = intake.receive_contacts(source, contacts, transport=Transport.PUSH)
        if sent.get("groups"):
            loads = intake.receive_loads(
                source, [_load(row) for row in sent["groups"]], at=clock.now(), transport=Transport.PUSH
            )
            received = _together(received, loads)
        return _told(received)


class HistoricalMetrics(CentreDoor):
    """Contacts of groups by interval."""

    body = MetricsBody

    @extend_schema(request=MetricsBody, responses=ReceivedSerializer)
    def post(self, request: Request) -> Response:
        """Take intervals, into the history of the queue too where the group is linked to one."""
        source, sent = self.asked(request)
        intervals = [_interval(group, row) for group in sent["metrics"] for row in group["historicData"]]
        received = intake.receive_group_intervals(source, intervals)
        links = QueueLink.objects.filter(
            source__code=source,
            external_id__in={row.group for row in intervals},
            queue__isnull=False,
        ).select_related("source")
        starts = sorted({row.start for row in intervals})
        _written, problems = take_intervals(links=links, starts=starts, actor=cast("User", request.user))
        return _told(_together(received, Received(refused=tuple(problems))))


def _load(row: dict[str, Any]) -> QueueLoad:
    return QueueLoad(
        group=row["groupId"],
        service=row["serviceId"],
        waiting=row["callNumber"],
        operators=row["operatorNumber"],
        received=row.get("callReceived"),
        answered=row.get("callAnswered"),
        answered_in_target=row.get("callAnsweredTst"),
        in_progress=row.get("callProcessing"),
        aht_ms=row.get("aht"),
        wait_ms=row.get("awt"),
        acd_percent=row.get("acd"),
    )


def _interval(group: dict[str, Any], row: dict[str, Any]) -> GroupInterval:
    return GroupInterval(
        group=group["groupId"],
        service=group["serviceId"],
        start=row["startInterval"],
        end=row["endInterval"],
        received=row["notUniqueReceived"],
        treated=row["notUniqueTreated"],
        missed=row["notUniqueMissed"],
        aht_ms=row["aht"],
        wrap_ms=row["postProcessing"],
        unique_received=row.get("receivedCalls"),
        unique_treated=row.get("treatedCalls"),
        unique_missed=row.get("missCalls"),
    )


def _together(one: Received, other: Received) -> Received:
    return Received(
        one.appended + other.appended, one.repeated + other.repeated, (*one.refused, *other.refused)
    )


def _told(received: Received) -> Response:
    refused = [
        {"subject": problem.subject, "field": problem.field, "reason": str(problem.reason)}
        for problem in received.refused
    ]
    return Response({"appended": received.appended, "repeated": received.repeated, "refused": refused})
