"""What of history leaves as a file: intervals, imports, refused rows, and the file to begin with."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core import clock, zones
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import MOST_ROWS_AT_ONCE, DownloadView, file_response, tell_download
from apps.core.web.pages import TO_RESULT, PageMixin
from apps.core.web.spans import read_span
from apps.demand.models import HistoryExport, ImportBatch
from apps.demand.selectors import history_span, imports_of, recorded_step_s
from apps.demand.selectors.recorded import errors_of
from apps.demand.services.exporting import history_columns, history_table, request_export
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.organization.models import Queue

ROWS_AT_ONCE = 10_000
EXAMPLE_ROWS = 4


class HistoryDownload(DownloadView):
    """The recorded intervals of the days in the address, or of all: a file that can be imported again."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        zone = zone_of(queue)
        start, end = _span(request, queue, zone)
        return history_table(queue, start, end, most_rows=MOST_ROWS_AT_ONCE)


class ExportHistory(PageMixin, View):
    """Start the job that writes the whole history; its page leads on to the file."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponseRedirect:
        job = request_export(queue_id=queue_by_code(code).pk, actor=cast("User", request.user))
        return HttpResponseRedirect(f"{reverse('jobs:detail-page', args=[job.pk])}?{TO_RESULT}")

    def get_refused_url(self) -> str:
        return reverse("demand:history-page", kwargs=self.request.resolver_match.kwargs)  # type: ignore[union-attr]


class HistoryFile(PageMixin, View):
    """A file of history that a job has made, for whoever asked for it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        made = get_object_or_404(HistoryExport, pk=pk, created_by=request.user)
        tell_download(request, made.file_name, "xlsx")
        return file_response(bytes(made.content), made.file_name, "xlsx")


class ImportsDownload(DownloadView):
    """The imports of a queue."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        return Table(
            name=_("History imports"),
            file_name=_("History imports %(queue)s") % {"queue": queue.name},
            about=[(_("Queue"), queue.name)],
            columns=[
                Column(_("File"), attrgetter("file_name"), width=36),
                Column(_("State"), lambda batch: batch.get_state_display()),
                Column(_("Read"), attrgetter("rows_read"), Kind.INTEGER),
                Column(_("Loaded"), attrgetter("rows_loaded"), Kind.INTEGER),
                Column(_("Unchanged"), attrgetter("rows_unchanged"), Kind.INTEGER),
                Column(_("Refused"), attrgetter("rows_refused"), Kind.INTEGER),
                Column(_("First interval"), attrgetter("first_start"), Kind.MOMENT),
                Column(_("Last interval"), attrgetter("last_start"), Kind.MOMENT),
                Column(_("Why refused"), attrgetter("reason"), width=50),
                Column(_("Source"), attrgetter("source")),
                Column(_("By"), attrgetter("created_by")),
                Column(_("At"), attrgetter("created_at"), Kind.MOMENT),
            ],
            rows=imports_of(queue.pk).iterator(ROWS_AT_ONCE),
            zone=queue.time_zone,
        )


class ImportErrorsDownload(DownloadView):
    """The refused rows of an import, to mend them in the file that they came from."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        batch = get_object_or_404(ImportBatch.objects.select_related("queue"), pk=place["pk"])
        sheet = batch.details.get("sheet", "")
        return Table(
            name=_("Refused rows"),
            file_name=_("Refused rows of %(file)s") % {"file": batch.file_name},
            about=[(_("File"), batch.file_name), (_("Queue"), batch.queue.name)],
            columns=[
                *([Column(_("Sheet"), lambda _error: sheet)] if sheet else []),
                Column(_("Line"), attrgetter("line"), Kind.INTEGER),
                Column(_("Column"), attrgetter("column")),
                Column(_("Reason"), attrgetter("reason"), width=60),
                Column(_("What stood there"), attrgetter("value"), width=40),
            ],
            rows=errors_of(batch).iterator(ROWS_AT_ONCE),
        )


class HistoryTemplate(DownloadView):
    """A file with the headings that an import knows and a few rows in the step of the queue's history."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.IMPORT_HISTORY)
        queue = queue_by_code(place["code"])
        zone = zone_of(queue)
        day = clock.now().astimezone(zone).date() - dt.timedelta(days=1)
        opens = zones.midnight(day, zone.key) + dt.timedelta(hours=9)
        minutes = recorded_step_s(queue.pk, opens, otherwise=queue.step_minutes * 60) // 60
        rows = [
            (
                opens + dt.timedelta(minutes=minutes * index),
                minutes,
                40 + index,
                38 + index,
                2,
                7_000,
                900,
                30,
            )
            for index in range(EXAMPLE_ROWS)
        ]
        return Table(
            name=_("Interval history"),
            file_name=_("History to import"),
            columns=history_columns(),
            rows=rows,
            zone=queue.time_zone,
        )


def _span(request: HttpRequest, queue: Queue, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    known = history_span(queue.pk)
    if request.GET.get("days") == "all" and known:
        return known[0], known[1] + dt.timedelta(hours=1)
    last = known[1].astimezone(zone).date() if known else clock.now().astimezone(zone).date()
    return read_span(request, first=last - dt.timedelta(days=6)).instants(zone)
