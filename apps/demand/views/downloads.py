"""What of history leaves as a file: intervals, imports, refused rows, and the file to begin with."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core import clock, zones
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.spans import read_span
from apps.demand.models import ImportBatch
from apps.demand.selectors import history_span, imports_of
from apps.demand.selectors.recorded import errors_of, recorded_intervals
from apps.demand.types import UNKNOWN
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest

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
        return history_table(queue, start, end)


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
    """A file with the headings that an import knows and a few rows as an example."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.IMPORT_HISTORY)
        queue = queue_by_code(place["code"])
        zone = zone_of(queue)
        day = clock.now().astimezone(zone).date() - dt.timedelta(days=1)
        opens = zones.midnight(day, zone.key) + dt.timedelta(hours=9)
        step = dt.timedelta(minutes=queue.step_minutes)
        rows = [
            (opens + step * index, queue.step_minutes, 40 + 3 * index, 38 + 3 * index, 2, 7_000, 900, 30)
            for index in range(EXAMPLE_ROWS)
        ]
        return Table(
            name=_("Interval history"),
            file_name=_("History to import"),
            columns=history_columns(),
            rows=rows,
            zone=queue.time_zone,
        )


def history_table(queue: Queue, start: dt.datetime, end: dt.datetime) -> Table:
    """Give the recorded intervals from `start` up to `end`, on the queue's clock."""
    zone = zone_of(queue)
    first, last = start.astimezone(zone).date(), (end - dt.timedelta(seconds=1)).astimezone(zone).date()
    return Table(
        name=_("Interval history"),
        file_name=f"{_('History')} {queue.name} {first} {last}",
        columns=history_columns(),
        rows=_intervals(queue, start, end),
        zone=queue.time_zone,
    )


def history_columns() -> list[Column]:
    """Give the columns of history; an import knows every heading, in both languages."""
    headings = [
        _("Offered contacts"),
        _("Handled"),
        _("Abandoned"),
        _("Handle time, s"),
        _("Wrap-up, s"),
        _("Answered within SL"),
    ]
    return [
        Column(_("Interval start"), itemgetter(0), Kind.MOMENT, width=20),
        Column(_("Interval, min"), itemgetter(1), Kind.INTEGER),
        *(
            Column(heading, _known(place), Kind.INTEGER, width=14)
            for place, heading in enumerate(headings, start=2)
        ),
    ]


def _known(place: int) -> Callable[[Any], int | None]:
    return lambda row: None if row[place] == UNKNOWN else row[place]


def _intervals(queue: Queue, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[Any, ...]]:
    columns = recorded_intervals(queue.pk, start, end)
    starts = (zones.to_datetime(instant) for instant in columns["start"])
    minutes = (columns["step_s"] // 60).tolist()
    counts = (values.tolist() for name, values in columns.items() if name not in {"start", "step_s"})
    yield from zip(starts, minutes, *counts, strict=True)


def _span(request: HttpRequest, queue: Queue, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    known = history_span(queue.pk)
    if request.GET.get("days") == "all" and known:
        return known[0], known[1] + dt.timedelta(hours=1)
    last = known[1].astimezone(zone).date() if known else clock.now().astimezone(zone).date()
    return read_span(request, first=last - dt.timedelta(days=6)).instants(zone)
