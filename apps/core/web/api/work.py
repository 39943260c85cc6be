"""Long work: the request that starts a job answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from rest_framework import status
from rest_framework.response import Response

if TYPE_CHECKING:
    from uuid import UUID


def accepted(job_id: UUID) -> Response:
    """Answer 202 to a request that started job `job_id`."""
    url = reverse("jobs:detail", args=[job_id])
    body = {"job": {"id": str(job_id), "url": url}}
    return Response(body, status=status.HTTP_202_ACCEPTED, headers={"Location": url})
