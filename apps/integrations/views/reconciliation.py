"""What a personnel run would change: looked at, taken as a file, approved or declined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import ListView

from apps.accounts.policies import Capability, may, require
from apps.core.exporting import Column, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.pages import PageMixin
from apps.integrations.choices import ChangeOutcome, PersonAction, RunState
from apps.integrations.models import PlannedChange, Run
from apps.integrations.selectors.reconciliation import counted_changes, planned_changes
from apps.integrations.selectors.runs import visible_runs
from apps.integrations.services.personnel import PERSONNEL, decide
from apps.integrations.templatetags.reconciliation import told_fields

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from apps.accounts.models import User

PER_PAGE = 50
FILTER_CHARS = 80
FILTERS = ("action", "outcome", "text")
APPROVE, KEEP_VANISHED, DECLINE = "approve", "without_vanished", "decline"


def chosen(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:FILTER_CHARS] for name in FILTERS}


def personnel_run(request: HttpRequest, pk: int) -> Run:
    """Give the run, to whoever may see it."""
    require(request.user, Capability.VIEW_INTEGRATIONS)
    runs = visible_runs(request.user).filter(purpose=PERSONNEL).select_related("connection")
    return get_object_or_404(runs, pk=pk)


class ReconciliationPage(PageMixin, ListView[PlannedChange]):
    """The changes of a personnel run by person, with old and new."""

    template_name = "integrations/reconciliation.html"
    context_object_name = "changes"
    paginate_by = PER_PAGE
    extra_context = {"section": "integrations", "tab": "runs"}

    def get_queryset(self) -> QuerySet[PlannedChange]:
        self.run = personnel_run(self.request, self.kwargs["pk"])
        return planned_changes(self.run.pk, **chosen(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = counted_changes(self.run.pk)
        tiles = [(str(label), counts.get(value, 0)) for value, label in PersonAction.choices]
        return super().get_context_data(
            **kwargs,
            run=self.run,
            chosen=chosen(self.request),
            tiles=[*tiles, (_("Not in the answer"), counts.get("vanished", 0))],
            vanished=counts.get("vanished", 0),
            structure=self.run.plan.get("structure_changes", []),
            actions=[*PersonAction.choices, ("vanished", _("Not in the answer"))],
            outcomes=ChangeOutcome.choices,
            may_decide=self.run.state == RunState.WAITING
            and may(self.request.user, Capability.OPERATE_INTEGRATIONS),
        )


class DecideOnChanges(PageMixin, View):
    """Approve a plan, with or without those who vanished, or decline it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = personnel_run(request, pk)
        wanted = request.POST.get("decision")
        job = decide(
            run.pk,
            approve=wanted in {APPROVE, KEEP_VANISHED},
            with_vanished=wanted == APPROVE,
            actor=cast("User", request.user),
        )
        if job is None:
            messages.success(request, _("The plan is declined; nobody was changed."))
            return HttpResponseRedirect(self.get_refused_url())
        return HttpResponseRedirect(reverse("jobs:detail-page", args=[job.pk]))

    def get_refused_url(self) -> str:
        return reverse("integrations:reconciliation-page", args=[self.kwargs["pk"]])


class ChangesDownload(DownloadView):
    """The changes of a run as a file, a row for each field, as the filters in the address say."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        run = personnel_run(request, place["pk"])
        return Table(
            name=_("Changes of people"),
            file_name=f"run-{run.pk}-people",
            columns=[
                Column(_("External id"), lambda row: row[0].external_id, width=38),
                Column(_("Personnel number"), lambda row: row[0].personnel_number, width=14),
                Column(_("Full name"), lambda row: row[0].name, width=36),
                Column(_("What"), lambda row: row[0].get_action_display(), width=16),
                Column(_("Field"), lambda row: row[1][0], width=24),
                Column(_("Old"), lambda row: row[1][1], width=30),
                Column(_("New value"), lambda row: row[1][2], width=30),
                Column(_("Outcome"), lambda row: row[0].get_outcome_display(), width=14),
                Column(_("Reason"), lambda row: row[0].reason or None, width=50),
            ],
            rows=(
                (change, told)
                for change in planned_changes(run.pk, **chosen(request)).iterator(2_000)
                for told in told_fields(change.fields)
            ),
            about=[(_("Connection"), run.connection.name)],
        )
