"""Long work as people see it: what runs, how far it is, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View
from django.views.generic import DetailView, ListView
from django_htmx.http import HttpResponseClientRedirect

from apps.core.web.pages import TO_RESULT, PageMixin
from apps.jobs import selectors
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import cancel

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

PER_PAGE = 50
FINISHED_EVENT = "jobFinished"


class JobListPage(PageMixin, ListView[Job]):
    template_name = "jobs/list.html"
    context_object_name = "jobs"
    paginate_by = PER_PAGE
    extra_context = {"section": "jobs", "states": JobState.choices}

    def get_queryset(self) -> QuerySet[Job]:
        rows = selectors.visible_jobs(self.request.user).select_related("created_by")
        state = self.request.GET.get("state", "")
        return rows.filter(state=state) if state in JobState.values else rows


class JobPage(PageMixin, DetailView[Job]):
    """One job; whoever came to wait for its result (`TO_RESULT`) is led there when it is made."""

    template_name = "jobs/detail.html"
    extra_context = {"section": "jobs"}

    def get_queryset(self) -> QuerySet[Job]:
        return selectors.visible_jobs(self.request.user).select_related("created_by")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        result_url = self.object.result_url
        if not result_url or TO_RESULT not in request.META["QUERY_STRING"].split("&"):
            return response
        by_script = request.headers.get("HX-Request") == "true"
        return HttpResponseClientRedirect(result_url) if by_script else HttpResponseRedirect(result_url)


class JobProgress(PageMixin, View):
    """The moving part of a job: asked again every second until it ends, then the page is told."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        job = get_object_or_404(selectors.visible_jobs(request.user), pk=pk)
        return _progress(request, job)


class JobStop(PageMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        get_object_or_404(selectors.visible_jobs(request.user), pk=pk)
        job = cancel(pk, actor=cast("Any", request.user))
        if request.headers.get("HX-Request") == "true":
            return _progress(request, job)
        return HttpResponseRedirect(reverse("jobs:detail-page", args=[pk]))


def _progress(request: HttpRequest, job: Job) -> HttpResponse:
    response = render(request, "jobs/progress.html", {"job": job})
    if not job.is_active:
        response["HX-Trigger"] = FINISHED_EVENT
    return response
