"""How other systems do: all of them on one page, each on its own, and what can be done about it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.pages import TO_RESULT, PageMixin
from apps.integrations.models import Connection
from apps.integrations.registry import purposes_of
from apps.integrations.selectors.calls import BODIES, calls_of
from apps.integrations.selectors.health import connection_states, endpoint_figures, worst_first
from apps.integrations.selectors.runs import listed_runs
from apps.integrations.services.health import set_active
from apps.integrations.services.runs import start_run
from apps.integrations.services.testing import TEST_KIND, request_test
from apps.jobs.models import Job

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.integrations.selectors.health import ConnectionState

SHOWN_CALLS = 30
SHOWN_RUNS = 10
SECTION = {"section": "integrations", "tab": "health"}
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100


class HealthPage(PageMixin, View):
    """Every connection, the worst first; the table asks for itself again every ten seconds."""

    part = False

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        states = worst_first(connection_states())
        context = {**SECTION, "states": states, "counts": Counter(state.standing for state in states)}
        template = "integrations/health_table.html" if self.part else "integrations/health.html"
        return render(request, template, context)


class ConnectionPage(PageMixin, View):
    """One connection: how it does, what its newest test found, endpoints, calls, runs and schedules."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        connection = get_object_or_404(Connection, code=code)
        (state,) = connection_states(code=code)
        test = Job.objects.filter(kind=TEST_KIND, dedupe_key=f"test:{connection.pk}").order_by("-created_at")
        context = {
            **SECTION,
            "state": state,
            "connection": state.connection,
            "test": test.first(),
            "purposes": purposes_of(connection.system),
            "endpoints": endpoint_figures(connection.pk),
            "calls": calls_of(connection.pk, failed="failed" in request.GET)[:SHOWN_CALLS],
            "only_failed": "failed" in request.GET,
            "runs": listed_runs(request.user, connection=code)[:SHOWN_RUNS],
            "schedules": connection.schedules.all(),
            "credentials": connection.credentials.defer("value"),
        }
        return render(request, "integrations/connection.html", context)


class ConnectionAction(PageMixin, View):
    """A POST about one connection; its page is where a refusal is told."""

    http_method_names = ["post"]

    def connection(self) -> Connection:
        require(self.request.user, Capability.OPERATE_INTEGRATIONS)
        return get_object_or_404(Connection, code=self.kwargs["code"])

    def get_refused_url(self) -> str:
        return reverse("integrations:connection-page", args=[self.kwargs["code"]])


class TestConnection(ConnectionAction):
    def post(self, request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG002 - read by the base class
        """Start a test and wait for what it finds."""
        job = request_test(self.connection(), actor=cast("User", request.user))
        return HttpResponseRedirect(f"{reverse('jobs:detail-page', args=[job.pk])}?{TO_RESULT}")


class PauseConnection(ConnectionAction):
    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Pause the connection, or let it go on (`active` in the form)."""
        active = request.POST.get("active") == "1"
        set_active(self.connection().pk, active=active, actor=cast("User", request.user))
        messages.success(request, _("The connection goes on.") if active else _("The connection is paused."))
        return HttpResponseRedirect(reverse("integrations:connection-page", args=[code]))


class RunConnection(ConnectionAction):
    def post(self, request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG002 - read by the base class
        """Start a run for the purpose and the days that were chosen and go to it."""
        purpose = request.POST.get("purpose", "")[:64]
        first, last = _day(request, "first_day"), _day(request, "last_day")
        options = {}
        if first is not None:
            options["start"] = first.isoformat()
        if first is not None and last is not None:
            options["end"] = (last + dt.timedelta(days=1)).isoformat()
        run = start_run(self.connection(), purpose, actor=cast("User", request.user), options=options)
        return HttpResponseRedirect(reverse("integrations:run-page", args=[run.pk]))


def _day(request: HttpRequest, name: str) -> dt.date | None:
    """Give a day of the form, None where none was chosen; `DomainError` for what is no day."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.max
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        told = _("“%(text)s” is not a date.") % {"text": text[:40]}
        raise DomainError(told, fields={name: [told]})
    return day


class HealthDownload(DownloadView):
    """The health page as a file."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        return Table(
            name=_("Health of connections"),
            columns=[
                Column(_("Connection"), lambda state: state.connection.name, width=30),
                Column(_("System"), lambda state: state.connection.get_system_display(), width=20),
                Column(_("State"), attrgetter("label"), width=16),
                Column(_("Reason"), lambda state: str(state.reason or "") or None, width=50),
                Column(_("Last success"), attrgetter("last_success_at"), Kind.MOMENT),
                Column(_("Success, 24 h"), attrgetter("success_day"), Kind.SHARE, digits=1),
                Column(_("Success, 7 days"), attrgetter("success_week"), Kind.SHARE, digits=1),
                Column(_("Target"), attrgetter("target"), Kind.SHARE, digits=0),
                Column(_("Waiting"), attrgetter("waiting"), Kind.INTEGER),
                Column(_("Oldest, seconds"), attrgetter("oldest_age_s"), Kind.INTEGER),
                Column(_("Operations that failed"), attrgetter("failed"), Kind.INTEGER),
                Column(_("Outcome unknown"), attrgetter("unknown"), Kind.INTEGER),
                Column(_("Breaker open until"), attrgetter("open_until"), Kind.MOMENT),
                Column(_("Errors, last hour"), attrgetter("error_share"), Kind.SHARE, digits=1),
                Column(_("95 % within, ms"), attrgetter("p95_ms"), Kind.INTEGER),
                Column(_("Age of data, seconds"), attrgetter("feed_age_s"), Kind.INTEGER),
                Column(_("Live data"), lambda state: state.way or None, width=30),
            ],
            rows=_worst_first(),
        )


def _worst_first() -> list[ConnectionState]:
    return worst_first(connection_states())


class CallsDownload(DownloadView):
    """The calls of a connection that are kept, without their bodies."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        connection = get_object_or_404(Connection, code=place["code"])
        calls = calls_of(connection.pk, failed="failed" in request.GET).defer(*BODIES)
        return Table(
            name=_("Calls"),
            file_name=f"calls-{connection.code}",
            columns=[
                Column(_("At"), attrgetter("began_at"), Kind.MOMENT),
                Column(_("Endpoint"), attrgetter("endpoint"), width=24),
                Column(_("Method"), attrgetter("method")),
                Column(_("Path"), attrgetter("path"), width=40),
                Column(_("HTTP status"), attrgetter("status"), Kind.INTEGER),
                Column(_("Kind of failure"), lambda call: call.get_failure_display() or None, width=24),
                Column(_("Reason"), lambda call: str(call.reason) or None, width=50),
                Column(_("Duration, ms"), attrgetter("duration_ms"), Kind.INTEGER),
                Column(_("Request, bytes"), attrgetter("request_bytes"), Kind.INTEGER),
                Column(_("Answer, bytes"), attrgetter("answer_bytes"), Kind.INTEGER),
                Column("X-Request-ID", lambda call: str(call.request_id), width=38),
                Column("X-Session-ID", lambda call: str(call.session_id), width=38),
            ],
            rows=calls.iterator(2_000),
        )


class EndpointsDownload(DownloadView):
    """The figures of a connection by endpoint."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        connection = get_object_or_404(Connection, code=place["code"])
        return Table(
            name=_("Endpoints"),
            file_name=f"endpoints-{connection.code}",
            columns=[
                Column(_("Endpoint"), lambda row: row["endpoint"], width=24),
                Column(_("Calls"), lambda row: row["total"], Kind.INTEGER),
                Column(_("Errors"), lambda row: row["failed"], Kind.INTEGER),
                Column(_("Share of errors"), lambda row: row["failed_share"], Kind.SHARE, digits=1),
                Column(_("Median, ms"), lambda row: row["p50"], Kind.INTEGER),
                Column(_("95 % within, ms"), lambda row: row["p95"], Kind.INTEGER),
                Column(_("99 % within, ms"), lambda row: row["p99"], Kind.INTEGER),
            ],
            rows=endpoint_figures(connection.pk),
        )
