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
from apps.jobs.services import cancel, repeat

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

PER_PAGE = 50
FINISHED_EVENT = "jobFinished"
FILTERS = ("state", "kind", "owner")


def chosen_filters(request: HttpRequest) -> dict[str, str]:
    """Give the filters of the list that the address names."""
    return {name: request.GET.get(name, "")[:100] for name in FILTERS}


class JobListPage(PageMixin, ListView[Job]):
    """Jobs by state, kind and owner; a filter that means nothing is no filter."""

    template_name = "jobs/list.html"
    context_object_name = "jobs"
    paginate_by = PER_PAGE
    extra_context = {"section": "jobs", "states": JobState.choices}

    def get_queryset(self) -> QuerySet[Job]:
        return selectors.listed_jobs(self.request.user, **chosen_filters(self.request)).defer(
            *selectors.HEAVY
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = selectors.kinds_of_jobs(self.request.user)
        return super().get_context_data(**kwargs, chosen=chosen_filters(self.request), kinds=kinds)


class JobPage(PageMixin, DetailView[Job]):
    """One job; whoever came to wait for its result (`TO_RESULT`) is led there when it is made."""

    template_name = "jobs/detail.html"
    extra_context = {"section": "jobs"}

    def get_queryset(self) -> QuerySet[Job]:
        return selectors.visible_jobs(self.request.user).select_related("created_by", "repeat_of")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waits = TO_RESULT in self.request.META["QUERY_STRING"].split("&")
        return super().get_context_data(**kwargs, waits=waits)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        result_url = self.object.result_url
        if not result_url or TO_RESULT not in request.META["QUERY_STRING"].split("&"):
            return response
        by_script = request.headers.get("HX-Request") == "true"
        return HttpResponseClientRedirect(result_url) if by_script else HttpResponseRedirect(result_url)


class JobProgress(PageMixin, View):
    """The moving part of a job: asked again every second until it ends, then the page is told.

    With `?part=whole` that of the job's own page, else that of a row in a list.
    """

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


class JobRepeat(PageMixin, View):
    """Start the work of a job that came to nothing again, and go to the new job."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        job = repeat(pk, actor=cast("Any", request.user))
        return HttpResponseRedirect(reverse("jobs:detail-page", args=[job.pk]))

    def get_refused_url(self) -> str:
        return reverse("jobs:detail-page", args=[self.kwargs["pk"]])


def _progress(request: HttpRequest, job: Job) -> HttpResponse:
    whole = request.GET.get("part") == "whole"
    template = "jobs/moving.html" if whole else "jobs/progress.html"
    changed = request.GET.get("known") != job.history_mark
    response = render(request, template, {"job": job, "with_history": whole and changed})
    if not job.is_active:
        response["HX-Trigger"] = FINISHED_EVENT
    return response
