"""The forecast of a queue: against history, with its band, its accuracy and its versions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError
from apps.core.web.pages import PageMixin
from apps.core.web.place import recall, remember
from apps.core.web.series import chart_json, local_labels
from apps.core.web.spans import ZOOMS, DaySpan, read_span
from apps.demand.selectors import history_series, history_span
from apps.forecasts import selectors
from apps.forecasts.forms import ForecastSpanForm
from apps.forecasts.models import ForecastVersion
from apps.forecasts.services.running import request_forecast
from apps.organization.models import Queue
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest

    from apps.forecasts.types import ForecastArrays

LAST_VERSIONS = 20
WEEK = 7
NAIVE = "week_naive"
MOMENT = dt.timedelta(seconds=1)


class ForecastsPage(PageMixin, View):
    """Lead to the forecast of the queue last looked at, or of the first one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        code = request.GET.get("queue") or recall(request, "queue")
        queue = Queue.objects.filter(code=code).first() or Queue.objects.first()
        if queue is None:
            return render(request, "demand/no_queue.html", {"section": "forecast"})
        return HttpResponseRedirect(reverse("forecasts:forecast-page", args=[queue.code]))


class ForecastPage(PageMixin, View):
    """Chart and accuracy of the version in the address, else of the active one, else of the newest."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        remember(request, queue=code)
        return render(request, "forecasts/forecast.html", self._context(request, queue, ForecastSpanForm()))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Start a forecast over the days of the form."""
        queue = queue_by_code(code)
        form = ForecastSpanForm(request.POST)
        if not form.is_valid():
            return render(request, "forecasts/forecast.html", self._context(request, queue, form), status=422)
        job = request_forecast(
            queue_id=queue.pk,
            start=form.cleaned_data["first"],
            end=form.cleaned_data["last"] + dt.timedelta(days=1),
            actor=cast("Any", request.user),
        )
        messages.success(request, _("The forecast has started."))
        return HttpResponseRedirect(reverse("jobs:detail-page", args=[job.pk]))

    def _context(self, request: HttpRequest, queue: Queue, form: ForecastSpanForm) -> dict[str, Any]:
        zone = zone_of(queue)
        versions = list(selectors.versions_of(queue.pk).select_related("created_by")[:LAST_VERSIONS])
        version = _chosen(request, queue, versions)
        span = _span(request, version, zone) if version else None
        accuracy = selectors.accuracy_rows(version) if version else []
        return {
            "section": "forecast",
            "queue": queue,
            "queues": Queue.objects.all(),
            "versions": [(row, *_days(row, zone)) for row in versions],
            "version": version,
            "accuracy": accuracy,
            "chosen": next((row for row in accuracy if row.is_chosen), None),
            "naive": next((row for row in accuracy if row.model == NAIVE), None),
            "span": span,
            "zooms": ZOOMS,
            "query": f"&version={version.pk}" if version else "",
            "data_url": _data_url(version, span) if version and span else "",
            "known": history_span(queue.pk),
            "form": form,
            "zone": zone,
        }


class ForecastData(PageMixin, View):
    """The figures of the forecast chart: history where there is some, forecast and band of the version."""

    def get(self, request: HttpRequest, pk: int) -> JsonResponse:
        require(request.user, Capability.VIEW_PLANNING)
        version = get_object_or_404(ForecastVersion.objects.select_related("queue"), pk=pk)
        zone = zone_of(version.queue)
        span = _span(request, version, zone)
        start, end = span.instants(zone)
        step_s = version.step_s
        count = int((end - start).total_seconds()) // step_s
        history = history_series(version.queue_id, start, end, step_s)
        calls, lower, upper = _on_grid(selectors.forecast_points(version.pk), start, step_s, count)
        level = f"{float(version.level):.0%}"
        return JsonResponse(
            chart_json(
                labels=local_labels(start, step_s, count, zone),
                zone=zone,
                step_s=step_s,
                series=[
                    ("lower", _("Band %(level)s, lower") % {"level": level}, lower),
                    ("upper", _("Band %(level)s, upper") % {"level": level}, upper),
                    ("forecast", _("Forecast"), calls),
                    ("history", _("History"), np.where(history.observed, history.offered, np.nan)[:count]),
                ],
            )
        )


def _chosen(request: HttpRequest, queue: Queue, versions: list[ForecastVersion]) -> ForecastVersion | None:
    wanted = request.GET.get("version", "")
    if wanted:
        if not wanted.isdigit():
            raise DomainError(_("%(text)s is not a version.") % {"text": wanted[:40]})
        return get_object_or_404(ForecastVersion.objects.select_related("queue"), pk=int(wanted), queue=queue)
    active = [version for version in versions if version.state == "active"]
    return next(iter(active or versions), None)


def _span(request: HttpRequest, version: ForecastVersion, zone: ZoneInfo) -> DaySpan:
    """Show a week before the forecast and one of it, three if it begins closed; the address may differ."""
    start = version.start.astimezone(zone).date()
    points = selectors.forecast_points(version.pk)
    first_week = points.starts < points.starts[0] + np.timedelta64(WEEK, "D")
    weeks = 2 if points.calls[first_week].any() else 4
    return read_span(request, first=start - dt.timedelta(days=WEEK), days=weeks * WEEK)


def _days(version: ForecastVersion, zone: ZoneInfo) -> tuple[dt.date, dt.date]:
    """Give the first and the last local day of the version."""
    return version.start.astimezone(zone).date(), (version.end - MOMENT).astimezone(zone).date()


def _data_url(version: ForecastVersion, span: DaySpan) -> str:
    return f"{reverse('forecasts:forecast-data', args=[version.pk])}?from={span.first}&days={span.days}"


def _on_grid(points: ForecastArrays, start: dt.datetime, step_s: int, count: int) -> tuple[Any, Any, Any]:
    """Lay the points on `count` intervals from `start`; where the version says nothing stays NaN."""
    origin = np.datetime64(start.astimezone(dt.UTC).replace(tzinfo=None), "s")
    places = (points.starts - origin).astype("timedelta64[s]").astype(np.int64) // step_s
    inside = (places >= 0) & (places < count)
    laid = []
    for values in (points.calls, points.lower, points.upper):
        row = np.full(count, np.nan)
        row[places[inside]] = values[inside]
        laid.append(row)
    return laid[0], laid[1], laid[2]
