"""Tables of Argus: sending one, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.web.pages import TO_RESULT, PageMixin
from apps.demand.models import ImportBatch
from apps.integrations.choices import ArgusTable
from apps.integrations.forms.argus import ArgusFileForm, IntervalsForm, OperatorsForm, SchedulesForm
from apps.integrations.selectors.argus import imports_seen_by, refusals_of
from apps.integrations.services.argus.requesting import request_intervals, request_table
from apps.integrations.services.argus.undoing import edits_to_undo, undo_import
from apps.schedules.models import ScheduleVariant

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.jobs.models import Job

INTERVALS = "intervals"
FORMS: dict[str, type[ArgusFileForm]] = {
    INTERVALS: IntervalsForm,
    ArgusTable.OPERATORS: OperatorsForm,
    ArgusTable.EMPLOYEES: ArgusFileForm,
    ArgusTable.SCHEDULES: SchedulesForm,
}
HELP = {
    INTERVALS: gettext_lazy("Date and time, contacts, AHT in seconds – with or without a heading."),
    ArgusTable.OPERATORS: gettext_lazy(
        "24 rows: contacts or 0, operators. They become the least agents of the queue in each hour of"
        " the days."
    ),
    ArgusTable.EMPLOYEES: gettext_lazy(
        "A heading, then a row for each person: personnel number, surname, first name, department, position,"
        " date of hire…"
    ),
    ArgusTable.SCHEDULES: gettext_lazy(
        "A heading, then a row for each shift: personnel number or name, date, start, end; lunch and breaks"
        " where they are known."
    ),
}
LAST_IMPORTS = 15
ERRORS_PER_PAGE = 100


class ArgusPage(PageMixin, View):
    """One table at a time: what to send, and the last imports of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        table = _table(request)
        return render(request, "integrations/argus.html", _context(request, table, FORMS[table]()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start the job that checks or loads the file; its page leads on to the report."""
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        table = _table(request)
        form = FORMS[table](request.POST, request.FILES)
        if not form.is_valid():
            return render(request, "integrations/argus.html", _context(request, table, form), status=422)
        job = _start(request, table, form)
        return HttpResponseRedirect(f"{reverse('jobs:detail-page', args=[job.pk])}?{TO_RESULT}")

    def get_refused_url(self) -> str:
        return f"{self.request.path}?table={_table(self.request)}"


class ArgusImportPage(PageMixin, View):
    """What was read, loaded and refused, row by row."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = get_object_or_404(imports_seen_by(request.user), pk=pk)
        page = Paginator(refusals_of(batch), ERRORS_PER_PAGE).get_page(request.GET.get("page"))
        variant_id = batch.target.get("variant_id")
        context = {
            "section": "integrations",
            "batch": batch,
            "page_obj": page,
            "to_undo": len(edits_to_undo(batch)),
            "variant": ScheduleVariant.objects.select_related("group").filter(pk=variant_id).first(),
        }
        return render(request, "integrations/argus_import.html", context)


class UndoArgusImport(PageMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        done = undo_import(import_id=pk, actor=cast("User", request.user))
        told = ngettext("%(count)d edit was undone.", "%(count)d edits were undone.", done)
        messages.success(request, told % {"count": done})
        return HttpResponseRedirect(self.get_refused_url())

    def get_refused_url(self) -> str:
        match = self.request.resolver_match
        return reverse("integrations:argus-import-page", kwargs=match.kwargs if match else {})


def _table(request: HttpRequest) -> str:
    wanted = request.GET.get("table", INTERVALS)
    return wanted if wanted in FORMS else INTERVALS


def _context(request: HttpRequest, table: str, form: ArgusFileForm) -> dict[str, Any]:
    names = {INTERVALS: _("Contacts by interval"), **dict(ArgusTable.choices)}
    is_history = table == INTERVALS
    history = ImportBatch.objects.filter(source="Argus").select_related("queue", "created_by")
    return {
        "section": "integrations",
        "table": table,
        "tabs": names.items(),
        "form": form,
        "help": HELP[table],
        "is_history": is_history,
        "imports": (history if is_history else imports_seen_by(request.user).filter(table=table))[
            :LAST_IMPORTS
        ],
    }


def _start(request: HttpRequest, table: str, form: ArgusFileForm) -> Job:
    sent = form.cleaned_data
    facts = {
        "file": sent["file"],
        "file_name": sent["file"].name,
        "actor": cast("User", request.user),
        "dry_run": sent["dry_run"],
    }
    if table == INTERVALS:
        return request_intervals(**form.target(), **facts)
    return request_table(table=ArgusTable(table), target=form.target(), **facts)
