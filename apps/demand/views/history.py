"""The history of a queue: its chart, and the files it came by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core import clock
from apps.core.web.pages import PageMixin
from apps.core.web.place import recall, remember
from apps.core.web.series import chart_json, local_labels
from apps.core.web.spans import ZOOMS, DaySpan, read_span
from apps.demand import selectors
from apps.demand.forms import HistoryFileForm
from apps.demand.models import ImportBatch
from apps.organization.models import Queue
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest
    from numpy.typing import NDArray

    from apps.demand.types import HistorySeries

LAST_IMPORTS = 10
DAY_STEP_S = 3600
LONG_DAYS = 14


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """What a queue received on a local day; None where nothing was recorded."""

    date: dt.date
    offered: float | None
    handled: float | None
    aht_s: float | None


class HistoriesPage(PageMixin, View):
    """Lead to the history of the queue last looked at, or of the first one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        code = request.GET.get("queue") or recall(request, "queue")
        queue = Queue.objects.filter(code=code).first() or Queue.objects.first()
        if queue is None:
            return render(request, "demand/no_queue.html", {"section": "history"})
        return HttpResponseRedirect(reverse("demand:history-page", args=[queue.code]))


class HistoryPage(PageMixin, View):
    """Chart of a span, figures of the days, last imports, and the form for the next file."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        remember(request, queue=code)
        return render(request, "demand/history.html", history_context(request, queue, HistoryFileForm()))


class HistoryData(PageMixin, View):
    """The figures of the history chart, in the queue's zone."""

    def get(self, request: HttpRequest, code: str) -> JsonResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        zone = zone_of(queue)
        span = read_span(request, first=clock.now().astimezone(zone).date())
        step_s = DAY_STEP_S if span.days > LONG_DAYS else queue.step_minutes * 60
        series = selectors.history_series(queue.pk, *span.instants(zone), step_s)
        values = np.where(series.observed, series.offered, np.nan)
        return JsonResponse(
            chart_json(
                labels=local_labels(series.start, step_s, values.size, zone),
                zone=zone,
                step_s=step_s,
                series=[("history", _("Offered contacts"), values)],
            )
        )


def history_context(request: HttpRequest, queue: Queue, form: HistoryFileForm) -> dict[str, Any]:
    """Give what the history page shows; the import page shows it again around a refused form."""
    zone = zone_of(queue)
    known = selectors.history_span(queue.pk)
    span: DaySpan | None = None
    if known:
        last = known[1].astimezone(zone).date()
        span = read_span(request, first=DaySpan(last, 6).previous)
    return {
        "section": "history",
        "tab": "history",
        "queue": queue,
        "queues": Queue.objects.all(),
        "known": known,
        "span": span,
        "zooms": ZOOMS,
        "days": by_day(selectors.history_series(queue.pk, *span.instants(zone), DAY_STEP_S), zone)
        if span
        else [],
        "data_url": _data_url(queue, span) if span else "",
        "imports": ImportBatch.objects.filter(queue=queue).select_related("created_by")[:LAST_IMPORTS],
        "form": form,
        "zone": zone,
    }


def by_day(series: HistorySeries, zone: ZoneInfo) -> list[HistoryDay]:
    """Sum a series up to the days of `zone`."""
    first = series.start.astimezone(dt.UTC)
    step = dt.timedelta(seconds=series.step_s)
    days: dict[dt.date, list[int]] = {}
    for index in range(series.offered.size):
        days.setdefault((first + step * index).astimezone(zone).date(), []).append(index)
    return [_day(date, series, np.array(rows)) for date, rows in days.items()]


def _day(date: dt.date, series: HistorySeries, rows: NDArray[np.int64]) -> HistoryDay:
    rows = rows[series.observed[rows]]
    if rows.size == 0:
        return HistoryDay(date, None, None, None)
    handled, calls = series.handled[rows], float(np.nansum(series.answered[rows]))
    return HistoryDay(
        date,
        offered=float(series.offered[rows].sum()),
        handled=None if np.isnan(handled).all() else float(np.nansum(handled)),
        aht_s=float(np.nansum(series.handle_s[rows])) / calls if calls else None,
    )


def _data_url(queue: Queue, span: DaySpan) -> str:
    return f"{reverse('demand:history-data', args=[queue.code])}?from={span.first}&days={span.days}"
