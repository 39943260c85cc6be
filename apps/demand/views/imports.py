"""Sending a file of history, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.web.pages import TO_RESULT, PageMixin
from apps.demand.forms import HistoryFileForm
from apps.demand.models import ImportBatch
from apps.demand.services.importing import request_import
from apps.demand.views.history import history_context
from apps.organization.selectors import queue_by_code

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.accounts.models import User

ERRORS_PER_PAGE = 100


class ImportHistory(PageMixin, View):
    """Start the job that checks or loads a file; its page leads on to the import with every refused row."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.IMPORT_HISTORY)
        queue = queue_by_code(code)
        form = HistoryFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return render(request, "demand/history.html", history_context(request, queue, form), status=422)
        sent = form.cleaned_data
        job = request_import(
            queue_id=queue.pk,
            file=sent["file"],
            file_name=sent["file"].name,
            actor=cast("User", request.user),
            source=sent["source"],
            dry_run=sent["dry_run"],
        )
        return HttpResponseRedirect(f"{reverse('jobs:detail-page', args=[job.pk])}?{TO_RESULT}")

    def get_refused_url(self) -> str:
        return reverse("demand:history-page", kwargs=self.request.resolver_match.kwargs)  # type: ignore[union-attr]


class ImportPage(PageMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        batch = get_object_or_404(ImportBatch.objects.select_related("queue"), pk=pk)
        page = Paginator(batch.errors.all(), ERRORS_PER_PAGE).get_page(request.GET.get("page"))
        return render(request, "demand/import.html", {"section": "history", "batch": batch, "page_obj": page})
