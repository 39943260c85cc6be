"""Schedules and worked time that other systems send to 1C through us, in the words of the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.filters import refuse_unknown
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.integrations.api.onec_bodies import (
    FactAnswer,
    FactBody,
    ScheduleAccepted,
    ScheduleAnswer,
    ScheduleBody,
    SchedulesBody,
)
from apps.integrations.choices import FactState, System
from apps.integrations.models import FactSend, Run
from apps.integrations.selectors.agents import agent_ids, employees_of_agents
from apps.integrations.selectors.connections_of_system import connection_of_system
from apps.integrations.selectors.fact_sends import shown_state
from apps.integrations.selectors.send_results import result_of
from apps.integrations.services.fact_sends import send_facts
from apps.integrations.services.runs import start_run
from apps.integrations.services.schedule_sends import PURPOSE, GivenSchedule, request_given
from apps.integrations.services.schedule_sends.telling import UNKNOWN as UNKNOWN_PERSON
from apps.integrations.types import WorkedTime
from apps.integrations.wire.onec.sends import ClockShift

if TYPE_CHECKING:
    from rest_framework.request import Request

    from apps.accounts.models import User
    from apps.core.web.api.bodies import Body
    from apps.integrations.models import Connection

CONNECTION = OpenApiParameter(
    "connection", str, description="Code of the connection to 1C; not needed where there is one."
)


class OneCDoor(APIView):
    """What the doors to 1C share."""

    area = "integrations"

    def asked(self, request: Request, body: type[Body]) -> tuple[Connection, dict[str, Any]]:
        """Check what is sent and who sends it, and give the 1C that is meant."""
        refuse_unknown(request, {"connection"})
        asked = body(data=request.data)
        asked.is_valid(raise_exception=True)
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        connection = connection_of_system(System.ONEC, request.query_params.get("connection", ""))
        return connection, dict(asked.validated_data)


class SendSchedule(Repeatable, OneCDoor):
    """Schedules for 1C: whole months of some people."""

    @extend_schema(request=ScheduleBody, responses={202: ScheduleAccepted}, parameters=[CONNECTION])
    def post(self, request: Request) -> Response:
        """Queue the schedules of these people; who cannot be sent is named, the others go.

        The answer names the run, whose result by person is read at `url`.
        """
        connection, asked = self.asked(request, ScheduleBody)
        told = request_given(
            connection,
            period=(asked["period_start"], asked["period_end"]),
            schedules=[
                GivenSchedule(person["employee_id"], tuple(ClockShift(**shift) for shift in person["shifts"]))
                for person in asked["schedules"]
            ],
            actor=cast("User", request.user),
        )
        url = reverse("integrations:api-onec-schedule", args=[told.run.pk])
        data = {
            "run": told.run.pk,
            "url": url,
            "operations": [operation.pk for operation in told.operations],
            "accepted": told.accepted,
            "refused": [
                {"employee_id": agent_id, "message": str(reason)} for agent_id, reason in told.refused.items()
            ],
        }
        return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": url})


class SentSchedule(APIView):
    """What became of schedules that were sent to 1C."""

    area = "integrations"

    @extend_schema(responses=ScheduleAnswer)
    def get(self, request: Request, pk: int) -> Response:
        """Give the result by person, as far as it is known; who was refused before sending is among them."""
        require(request.user, Capability.VIEW_INTEGRATIONS)
        run = get_object_or_404(Run, pk=pk, purpose=PURPOSE)
        result = result_of(run)
        people = [
            {
                "employee_id": person.agent_id,
                "result": person.is_taken,
                "state": person.outcome,
                "message": person.message,
            }
            for person in result.people
        ]
        people += [
            {
                "employee_id": problem["subject"],
                "result": False,
                "state": "refused",
                "message": problem["reason"],
            }
            for problem in run.problems
        ]
        told = {person["result"] for person in people}
        whole = None if None in told else False not in told
        counts = {**result.counts, "refused": result.counts["refused"] + len(run.problems)}
        return Response({"run": run.pk, "result": whole, "counts": counts, "schedules": people})


class SendFact(Repeatable, OneCDoor):
    """Worked time for 1C, at most once."""

    @extend_schema(request=FactBody, responses={202: FactAnswer}, parameters=[CONNECTION])
    def post(self, request: Request) -> Response:
        """Queue what somebody worked on the shift of a day.

        The same fact never goes twice; another one for a day whose fact may have been sent waits for a
        person (`state` is `held`).
        """
        connection, asked = self.asked(request, FactBody)
        employee_id = employees_of_agents(connection.pk, [asked["agent_id"]]).get(asked["agent_id"])
        if employee_id is None:
            raise NotFoundError(UNKNOWN_PERSON, fields={"agent_id": [UNKNOWN_PERSON]})
        fact = WorkedTime(employee_id, asked["date_start"], tuple(asked["loginfo"]))
        (row,) = send_facts(
            connection, [fact], initiator=asked["initiator_name"], actor=cast("User", request.user)
        )
        data = _fact(row, asked["agent_id"])
        return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": data["url"]})


class SentFact(APIView):
    """What became of worked time that was sent to 1C."""

    area = "integrations"

    @extend_schema(responses=FactAnswer)
    def get(self, request: Request, pk: int) -> Response:
        """Give its state, and the document that 1C made of it."""
        require(request.user, Capability.VIEW_INTEGRATIONS)
        row = get_object_or_404(FactSend.objects.select_related("operation"), pk=pk)
        agents = agent_ids(row.connection_id, [row.employee_id])
        return Response(_fact(row, agents.get(row.employee_id, "")))


class SyncSchedules(Repeatable, OneCDoor):
    """The published schedules, to 1C."""

    @extend_schema(request=SchedulesBody, responses={202: JOB_ACCEPTED})
    def post(self, request: Request) -> Response:
        """Send the published months that 1C does not hold yet; `again` those too that it does."""
        refuse_unknown(request, set())
        asked = SchedulesBody(data=request.data)
        asked.is_valid(raise_exception=True)
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        options: dict[str, Any] = dict(asked.validated_data)
        connection = connection_of_system(System.ONEC, options.pop("connection", ""))
        run = start_run(connection, PURPOSE, actor=cast("User", request.user), options=options)
        assert run.job_id is not None  # noqa: S101 - a run that starts has its job
        return accepted(run.job_id)


def _fact(row: FactSend, agent_id: str) -> dict[str, Any]:
    state = shown_state(row)
    outcomes = {FactState.SENT.value: True, FactState.REFUSED.value: False, "failed": False}
    return {
        "id": row.pk,
        "url": reverse("integrations:api-onec-fact", args=[row.pk]),
        "operation": row.operation_id,
        "agent_id": agent_id,
        "date_start": row.shift_date,
        "state": state,
        "result": outcomes.get(state),
        "doc": row.document or None,
        "message": row.message or str(row.reason),
    }
