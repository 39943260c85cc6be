"""Runs as people see them: which there were, what each found, as pages and files."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView

from apps.accounts.policies import Capability, require
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.pages import PageMixin
from apps.integrations.choices import RunState
from apps.integrations.models import Connection, Run
from apps.integrations.selectors.runs import listed_runs, purpose_label, visible_runs

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

PER_PAGE = 50
PROBLEMS_PER_PAGE = 100
FILTERS = ("connection", "purpose", "state")


def chosen_filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:64] for name in FILTERS}


class RunListPage(PageMixin, ListView[Run]):
    """Runs by connection, purpose and state, newest first."""

    template_name = "integrations/runs.html"
    context_object_name = "runs"
    paginate_by = PER_PAGE
    extra_context = {"section": "integrations", "tab": "runs", "states": RunState.choices}

    def get_queryset(self) -> QuerySet[Run]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        return listed_runs(self.request.user, **chosen_filters(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        connections = Connection.objects.values_list("code", "name")
        return super().get_context_data(
            **kwargs, chosen=chosen_filters(self.request), connections=connections
        )


class RunPage(PageMixin, DetailView[Run]):
    """One run: state, reason, counts, problems, and the calls it made."""

    template_name = "integrations/run.html"
    context_object_name = "run"
    extra_context = {"section": "integrations", "tab": "runs"}

    def get_queryset(self) -> QuerySet[Run]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        return visible_runs(self.request.user).select_related("connection", "actor", "schedule")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(self.object.problems, PROBLEMS_PER_PAGE).get_page(self.request.GET.get("page"))
        label = purpose_label(self.object.purpose)
        return super().get_context_data(**kwargs, page_obj=page, label=label)


class RunsDownload(DownloadView):
    """The runs as a file, as the filters in the address say."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        return Table(
            name=_("Exchanges"),
            columns=[
                Column(_("Connection"), lambda run: run.connection.name, width=30),
                Column(_("Purpose"), lambda run: purpose_label(run.purpose), width=30),
                Column(_("State"), lambda run: run.get_state_display(), width=16),
                Column(_("Reason"), lambda run: str(run.reason) or None, width=50),
                Column(_("Started by"), attrgetter("actor")),
                Column(_("Began"), attrgetter("began_at"), Kind.MOMENT),
                Column(_("Ended"), attrgetter("ended_at"), Kind.MOMENT),
                Column(_("Counts"), _counts, width=50),
            ],
            rows=listed_runs(request.user, **chosen_filters(request)).iterator(2_000),
        )


class RunProblemsDownload(DownloadView):
    """What a run could not take, by subject and field."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        run = get_object_or_404(visible_runs(request.user).select_related("connection"), pk=place["pk"])
        return Table(
            name=_("Problems"),
            file_name=f"run-{run.pk}-problems",
            columns=[
                Column(_("Whom or what"), lambda row: row.get("subject"), width=40),
                Column(_("Field"), lambda row: row.get("field"), width=24),
                Column(_("Reason"), lambda row: row.get("reason"), width=80),
            ],
            rows=run.problems,
            about=[(_("Connection"), run.connection.name), (_("Purpose"), purpose_label(run.purpose))],
        )


def _counts(run: Run) -> str:
    return ", ".join(f"{name}: {count}" for name, count in run.counts.items())
