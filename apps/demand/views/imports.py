"""Sending a file of history, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.web.pages import PageMixin
from apps.demand.choices import ImportState
from apps.demand.errors import FileRefusedError
from apps.demand.forms import HistoryFileForm
from apps.demand.models import ImportBatch
from apps.demand.services.importing import import_history, request_import
from apps.demand.views.history import history_context
from apps.organization.selectors import queue_by_code

if TYPE_CHECKING:
    from django.http import HttpRequest

ERRORS_PER_PAGE = 100
AT_ONCE_BYTES = 2_000_000
"""What is read in well under a second; a larger file becomes a job."""


class ImportHistory(PageMixin, View):
    """Check or load a file; the answer is the page of the import with every refused row."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.IMPORT_HISTORY)
        queue = queue_by_code(code)
        form = HistoryFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return render(request, "demand/history.html", history_context(request, queue, form), status=422)
        what: dict[str, Any] = {
            "queue_id": queue.pk,
            "file": form.cleaned_data["file"],
            "file_name": form.cleaned_data["file"].name,
            "actor": request.user,
            "source": form.cleaned_data["source"],
            "dry_run": form.cleaned_data["dry_run"],
        }
        if form.cleaned_data["file"].size > AT_ONCE_BYTES:
            job = request_import(**what)
            return HttpResponseRedirect(reverse("jobs:detail-page", args=[job.pk]))
        try:
            batch = import_history(**what)
        except FileRefusedError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(reverse("demand:import-page", args=[error.extra["batch_id"]]))
        _tell(request, batch)
        return HttpResponseRedirect(reverse("demand:import-page", args=[batch.pk]))

    def get_refused_url(self) -> str:
        return reverse("demand:history-page", kwargs=self.request.resolver_match.kwargs)  # type: ignore[union-attr]


class ImportPage(PageMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        batch = get_object_or_404(ImportBatch.objects.select_related("queue"), pk=pk)
        page = Paginator(batch.errors.all(), ERRORS_PER_PAGE).get_page(request.GET.get("page"))
        return render(request, "demand/import.html", {"section": "history", "batch": batch, "page_obj": page})


def _tell(request: HttpRequest, batch: ImportBatch) -> None:
    refused = ngettext("%(count)d row refused.", "%(count)d rows refused.", batch.rows_refused)
    loaded = ngettext("%(count)d row loaded.", "%(count)d rows loaded.", batch.rows_loaded)
    texts = [] if batch.state == ImportState.CHECKED else [loaded % {"count": batch.rows_loaded}]
    if batch.rows_refused:
        messages.warning(request, " ".join([*texts, refused % {"count": batch.rows_refused}]))
    else:
        messages.success(request, " ".join([*texts, _("Every row is good.")]))
