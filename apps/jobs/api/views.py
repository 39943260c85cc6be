from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.web.api import Repeatable
from apps.core.web.api.bodies import refuse_body
from apps.jobs import services
from apps.jobs.api.serializers import JobSerializer
from apps.jobs.models import Job
from apps.jobs.selectors import visible_jobs

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request


class JobList(generics.ListAPIView[Job]):
    """The jobs of the signed-in person, newest first; of everybody for planners."""

    serializer_class = JobSerializer
    filterset_fields = ["state", "kind"]
    ordering_fields = ["created_at", "finished_at"]

    def get_queryset(self) -> QuerySet[Job]:
        return visible_jobs(self.request.user).defer("params", "stages")


class JobDetail(generics.RetrieveAPIView[Job]):
    """One job: state, progress 0..1, result."""

    serializer_class = JobSerializer

    def get_queryset(self) -> QuerySet[Job]:
        return visible_jobs(self.request.user)


class JobCancel(Repeatable, APIView):
    """Cancel a waiting job, ask a running one to stop."""

    @extend_schema(request=None, responses=JobSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        refuse_body(request)
        return Response(JobSerializer(services.cancel(pk, actor=request.user)).data)
