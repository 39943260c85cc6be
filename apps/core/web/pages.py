"""What every page shares: signed in, and a refusal that a person can read."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from apps.core.errors import DomainError

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

TO_RESULT = "then=result"
"""In the address of a job's page: lead to what the job made as soon as it is there."""


class PageMixin(LoginRequiredMixin):
    """Mix into a class-based view, first.

    A `DomainError` becomes the page `core/problem.html` on GET, a message and a way back on POST, and plain
    text for htmx.
    """

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return self.refused(request, error)

    def refused(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")
        if request.method == "POST":
            messages.error(request, error.message)
            return HttpResponseRedirect(_job_page(error) or self.get_refused_url())
        context = {"error": error, "status": HTTPStatus(error.status)}
        return render(request, "core/problem.html", context, status=error.status)

    def get_refused_url(self) -> str:
        """Give where a refused POST goes: by default the page itself."""
        return self.request.path


def _job_page(error: DomainError) -> str:
    """Give the page of the job that is in the way, if there is one."""
    job_id = error.extra.get("job_id")
    return reverse("jobs:detail-page", args=[job_id]) if job_id else ""
