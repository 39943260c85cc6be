"""1C inbound for other systems: start a run, and who is there now in the gateway's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.bodies import Body, Day
from apps.core.web.api.filters import refuse_unknown
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.integrations.choices import System
from apps.integrations.selectors.connections_of_system import connection_of_system
from apps.integrations.services.personnel import PERSONNEL
from apps.integrations.services.personnel.asking import people_of_connection
from apps.integrations.services.personnel.options import ASK, AUTO
from apps.integrations.services.runs import start_run
from apps.integrations.services.timetypes import MONTH, TIMETYPES
from apps.workcalendar.choices import NormMode

if TYPE_CHECKING:
    from rest_framework.request import Request

    from apps.accounts.models import User


class SyncBody(Body):
    """`connection` is its code; it may be left out where there is one connection to 1C."""

    connection = serializers.SlugField(required=False, max_length=40)


class EmployeesBody(SyncBody):
    """`apply`: `auto` or `ask`; without it as the connection is set."""

    apply = serializers.ChoiceField([AUTO, ASK], required=False)


class MonthBody(SyncBody):
    """`month` as 2026-11; without it the present one."""

    month = serializers.RegexField(
        r"\A(199[0-9]|20[0-9]{2}|2100)-(0[1-9]|1[0-2])\Z",
        required=False,
        error_messages={"invalid": _("Write the month as yyyy-mm.")},
    )


class PayrollBody(MonthBody):
    """`modes`: accounting periods of the norms; without them the month alone."""

    modes = serializers.ListField(
        child=serializers.ChoiceField(NormMode.choices), required=False, max_length=len(NormMode)
    )


class OneCSync(Repeatable, APIView):
    """What the doors that start a run share."""

    area = "integrations"
    purpose: ClassVar[str]
    body: ClassVar[type[Body]] = SyncBody

    def start(self, request: Request) -> Response:
        """Start the run of this door and answer with its job."""
        asked = self.body(data=request.data)
        asked.is_valid(raise_exception=True)
        options: dict[str, Any] = dict(asked.validated_data)
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        connection = connection_of_system(System.ONEC, options.pop("connection", ""))
        run = start_run(connection, self.purpose, actor=cast("User", request.user), options=options)
        assert run.job_id is not None  # noqa: S101 - a run that starts has its job
        return accepted(run.job_id)


class SyncEmployees(OneCSync):
    purpose = PERSONNEL
    body = EmployeesBody

    @extend_schema(request=EmployeesBody, responses={202: JOB_ACCEPTED})
    def post(self, request: Request) -> Response:
        """Compare people with 1C; the changes are applied, or wait for a person."""
        return self.start(request)


class SyncTimeCodes(OneCSync):
    purpose = TIMETYPES
    body = MonthBody

    @extend_schema(request=MonthBody, responses={202: JOB_ACCEPTED})
    def post(self, request: Request) -> Response:
        """Take the time codes of a month from 1C."""
        return self.start(request)


class SyncPayroll(OneCSync):
    purpose = MONTH
    body = PayrollBody

    @extend_schema(request=PayrollBody, responses={202: JOB_ACCEPTED})
    def post(self, request: Request) -> Response:
        """Take norms and time codes of a month from 1C: what its pay is made of."""
        return self.start(request)


class AgentsQuery(serializers.Serializer[Any]):
    connection = serializers.SlugField(required=False, max_length=40)
    start = Day(required=False)
    end = Day(required=False)


class GatewayAgentSerializer(serializers.Serializer[Any]):
    """A person in the words of the integration gateway."""

    agent_id = serializers.CharField()
    tab_number = serializers.CharField()
    lastname = serializers.CharField()
    firstname = serializers.CharField()
    secondname = serializers.CharField()
    start_work = serializers.DateField(allow_null=True)
    finish_work = serializers.DateField(allow_null=True)
    position_id = serializers.CharField()
    position_name = serializers.CharField()
    department_id = serializers.CharField()
    employment_rate = serializers.FloatField()
    norm_week = serializers.FloatField(allow_null=True)
    norm_week_change_date = serializers.DateField(allow_null=True)
    login_sso = serializers.CharField()


class Agents(APIView):
    """People of 1C as of now, in the words of the integration gateway, whatever the dialect."""

    area = "integrations"

    @extend_schema(
        parameters=[
            OpenApiParameter("connection", str, description="Its code; only needed where there are several."),
            OpenApiParameter("start", {"type": "string", "format": "date"}),
            OpenApiParameter("end", {"type": "string", "format": "date"}),
        ],
        responses=GatewayAgentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Ask 1C for everybody; rows that cannot be read are left out. 502 says what 1C does not do."""
        require(request.user, Capability.VIEW_INTEGRATIONS)
        refuse_unknown(request, set(AgentsQuery().fields))
        asked = AgentsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        connection = connection_of_system(System.ONEC, facts.get("connection", ""))
        found = people_of_connection(connection, facts.get("start"), facts.get("end"))
        return Response(found.people)
