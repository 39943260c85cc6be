"""Imports from Argus: contacts and operators, employees, schedules; by file or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import DomainError
from apps.core.web.api import Repeatable, accepted
from apps.core.web.api.filters import refuse_unknown
from apps.core.web.api.schema import JOB_ACCEPTED
from apps.integrations.api.argus_bodies import (
    ArgusFileBody,
    ArgusHistoricalBody,
    ArgusImportSerializer,
    ArgusLookBody,
    ArgusLookSerializer,
    ArgusRowErrorSerializer,
    ArgusSchedulesBody,
    RowsParser,
)
from apps.integrations.choices import ArgusTable
from apps.integrations.models import ArgusImport, ArgusRefusal
from apps.integrations.policies import require_operating
from apps.integrations.selectors.argus import imports_seen_by, queue_named, refusals_of
from apps.integrations.services.argus.looking import look_at_file, look_at_setup
from apps.integrations.services.argus.requesting import request_intervals, request_table

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User
    from apps.core.web.api.bodies import Body


class ArgusDoor(APIView):
    """What the doors of Argus share: a file or JSON, options in the form, the object or the address."""

    area = "integrations"
    parser_classes = [MultiPartParser, RowsParser]
    body: type[Body]

    def asked(self, request: Request) -> dict[str, Any]:
        """Check what is sent; refuses what is unknown."""
        require_operating(cast("User", request.user))
        names = set(self.body().fields) - {"file"}
        refuse_unknown(request, names)
        data = request.data
        sent = data.dict() if hasattr(data, "dict") else dict(data)
        asked = self.body(data={**request.query_params.dict(), **sent})
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        return found


class ImportHistorical(Repeatable, ArgusDoor):
    """Contacts by interval into the history of a queue; or operators by hour, as its least agents."""

    body = ArgusHistoricalBody

    @extend_schema(
        request={"multipart/form-data": ArgusHistoricalBody, "application/json": ArgusHistoricalBody},
        responses={202: JOB_ACCEPTED},
    )
    def post(self, request: Request) -> Response:
        """Start the job that imports the table; one that is wrong from its start is refused at once."""
        sent = self.asked(request)
        queue = queue_named(sent["queue"])
        actor = cast("User", request.user)
        facts = {
            "file": sent["file"],
            "file_name": sent["file"].name,
            "actor": actor,
            "dry_run": sent["dry_run"],
        }
        if "first_day" not in sent:
            return accepted(request_intervals(queue_id=queue.pk, **facts).pk)
        days = {name: sent[name].isoformat() for name in ("first_day", "last_day")}
        target = {"queue_id": queue.pk, **days}
        return accepted(request_table(table=ArgusTable.OPERATORS, target=target, **facts).pk)


class ImportEmployees(Repeatable, ArgusDoor):
    """Employees, a row each."""

    body = ArgusFileBody

    @extend_schema(
        request={"multipart/form-data": ArgusFileBody, "application/json": ArgusFileBody},
        responses={202: JOB_ACCEPTED},
    )
    def post(self, request: Request) -> Response:
        """Start the job that creates, changes and dismisses the people of the table."""
        sent = self.asked(request)
        job = request_table(
            table=ArgusTable.EMPLOYEES,
            file=sent["file"],
            file_name=sent["file"].name,
            target={},
            actor=cast("User", request.user),
            dry_run=sent["dry_run"],
        )
        return accepted(job.pk)


class ImportSchedules(Repeatable, ArgusDoor):
    """Shifts, a row each, into a draft."""

    body = ArgusSchedulesBody

    @extend_schema(
        request={"multipart/form-data": ArgusSchedulesBody, "application/json": ArgusSchedulesBody},
        responses={202: JOB_ACCEPTED},
    )
    def post(self, request: Request) -> Response:
        """Start the job that loads the shifts as one edit of the variant, which can be undone."""
        sent = self.asked(request)
        job = request_table(
            table=ArgusTable.SCHEDULES,
            file=sent["file"],
            file_name=sent["file"].name,
            target={"variant_id": sent["variant"]},
            actor=cast("User", request.user),
            dry_run=sent["dry_run"],
        )
        return accepted(job.pk)


class LookAtArgus(ArgusDoor):
    """Look at a file of up to 5 MB, or at the set-up; nothing is changed."""

    repeatable = False
    body = ArgusLookBody

    @extend_schema(
        request={"multipart/form-data": ArgusLookBody, "application/json": ArgusLookBody},
        responses=ArgusLookSerializer,
    )
    def post(self, request: Request) -> Response:
        """Give what a file holds and which rows are wrong; without a file, what the set-up lacks."""
        sent = self.asked(request)
        actor = cast("User", request.user)
        if "file" not in sent:
            if "table" in sent:
                message = _("There is no file to look at.")
                raise DomainError(message, fields={"file": [message]})
            findings = look_at_setup(actor=actor)
            return Response({"ok": all(finding["ok"] for finding in findings), "findings": findings})
        return Response(look_at_file(file=sent["file"], table=sent.get("table", ""), actor=actor).as_data())


class ArgusImportList(generics.ListAPIView[ArgusImport]):
    """Imports of operators, employees and schedules, newest first; those of history are a queue's."""

    area = "integrations"
    queryset = ArgusImport.objects.none()
    serializer_class = ArgusImportSerializer
    filterset_fields = ["table", "state"]
    ordering_fields = ["id", "created_at"]

    def get_queryset(self) -> QuerySet[ArgusImport]:
        return imports_seen_by(self.request.user)


class ArgusImportDetail(generics.RetrieveAPIView[ArgusImport]):
    """One import: what was read, loaded and refused."""

    area = "integrations"
    queryset = ArgusImport.objects.none()
    serializer_class = ArgusImportSerializer

    def get_queryset(self) -> QuerySet[ArgusImport]:
        return imports_seen_by(self.request.user)


class ArgusImportErrors(generics.ListAPIView[ArgusRefusal]):
    """The rows that an import refused, in order of lines."""

    area = "integrations"
    queryset = ArgusRefusal.objects.none()
    serializer_class = ArgusRowErrorSerializer
    ordering_fields = ["line"]

    def get_queryset(self) -> QuerySet[ArgusRefusal]:
        return refusals_of(get_object_or_404(imports_seen_by(self.request.user), pk=self.kwargs["pk"]))
