"""The forecast of a queue: against history, with its band, its accuracy and its versions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.web.numbers import read_number
from apps.core.web.pages import PageMixin
from apps.core.web.place import recall, remember
from apps.core.web.series import chart_json, day_sums, local_labels
from apps.core.web.spans import MOST_DAYS, ZOOMS, DaySpan, read_span
from apps.core.zones import to_datetime, to_instant
from apps.demand.selectors import history_series, history_span
from apps.forecasts import selectors
from apps.forecasts.choices import Measure, Operation
from apps.forecasts.forms import ForecastSpanForm
from apps.forecasts.models import ForecastVersion
from apps.forecasts.services.running import request_forecast
from apps.forecasts.services.versions import replaced_by
from apps.organization.models import Queue
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest
    from numpy.typing import NDArray

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
        require(request.user, Capability.RUN_FORECAST)
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
        stale = selectors.staleness(versions if version in versions else [*versions, *_some(version)])
        return {
            "section": "forecast",
            "queue": queue,
            "queues": Queue.objects.all(),
            "versions": [(row, *_days(row, zone)) for row in versions],
            "version": version,
            "stale": stale,
            "outdated": stale[version.pk] if version else [],
            "fact": selectors.fact_accuracy(version) if version else None,
            "adjustments": _adjustments(version),
            "may_roll_back": bool(version and version.state == "active" and replaced_by(version)),
            "accuracy": accuracy,
            "chosen": next((row for row in accuracy if row.is_chosen), None),
            "naive": next((row for row in accuracy if row.model == NAIVE), None),
            "span": span,
            "zooms": ZOOMS,
            "query": f"&version={version.pk}" if version else "",
            "data_url": _data_url(version, span) if version and span else "",
            "days": _day_rows(version, span, zone) if version and span else [],
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
        grid = _Grid.of(version, _span(request, version, zone), zone)
        level = f"{float(version.level):.0%}"
        return JsonResponse(
            chart_json(
                labels=local_labels(grid.start, version.step_s, grid.history.size, zone),
                zone=zone,
                step_s=version.step_s,
                series=[
                    ("lower", _("Band %(level)s, lower") % {"level": level}, grid.lower),
                    ("upper", _("Band %(level)s, upper") % {"level": level}, grid.upper),
                    ("forecast", _("Forecast"), grid.calls),
                    *([("other", _("Statistical base"), grid.base)] if version.origin_id else []),
                    ("history", _("History"), grid.history),
                ],
            )
        )


def _chosen(request: HttpRequest, queue: Queue, versions: list[ForecastVersion]) -> ForecastVersion | None:
    wanted = request.GET.get("version", "")
    if wanted:
        known = ForecastVersion.objects.select_related("queue", "origin", "based_on")
        return get_object_or_404(known, pk=read_number(wanted), queue=queue)
    active = [version for version in versions if version.state == "active"]
    return next(iter(active or versions), None)


def _span(request: HttpRequest, version: ForecastVersion, zone: ZoneInfo) -> DaySpan:
    """Show the last week of history and the forecast up to a week with contacts; the address may differ.

    Where these lie too far apart, the forecast alone is shown.
    """
    start, busy = version.start.astimezone(zone).date(), _first_busy_day(version, zone)
    known = history_span(version.queue_id)
    last = start - dt.timedelta(days=1)
    if known:
        last = min(known[1].astimezone(zone).date(), last)
    first = last - dt.timedelta(days=WEEK - 1)
    days = (busy - first).days + WEEK
    if days > MOST_DAYS:
        first, days = busy, 2 * WEEK
    return read_span(request, first=first, days=days)


def _first_busy_day(version: ForecastVersion, zone: ZoneInfo) -> dt.date:
    """Give the first local day on which contacts are forecast, or the first of the version."""
    points = selectors.forecast_points(version.pk)
    busy = np.flatnonzero(points.calls > 0)
    start = to_datetime(points.starts[busy[0]]) if busy.size else version.start
    return start.astimezone(zone).date()


def _days(version: ForecastVersion, zone: ZoneInfo) -> tuple[dt.date, dt.date]:
    """Give the first and the last local day of the version."""
    return version.start.astimezone(zone).date(), (version.end - MOMENT).astimezone(zone).date()


def _some(version: ForecastVersion | None) -> list[ForecastVersion]:
    return [version] if version else []


def _adjustments(version: ForecastVersion | None) -> list[dict[str, Any]]:
    """Give the changes a person laid over the statistical base, with instants and words to show."""
    return [
        row
        | {name: dt.datetime.fromisoformat(row[name]) for name in ("start", "end", "at")}
        | {"what": Measure(row["measure"]).label, "how": Operation(row["operation"]).label}
        for row in (version.adjustments if version else [])
    ]


def _data_url(version: ForecastVersion, span: DaySpan) -> str:
    return f"{reverse('forecasts:forecast-data', args=[version.pk])}?from={span.first}&days={span.days}"


def _day_rows(
    version: ForecastVersion, span: DaySpan, zone: ZoneInfo
) -> list[tuple[dt.date, float | None, float | None, float | None]]:
    """Give each day of the span with history, forecast and statistical base, the chart in figures."""
    grid = _Grid.of(version, span, zone)
    history, forecast, base = (
        day_sums(grid.start, version.step_s, values, zone) for values in (grid.history, grid.calls, grid.base)
    )
    return [(day, history[day], forecast[day], base[day]) for day in history]


@dataclass(frozen=True)
class _Grid:
    """History and forecast on the intervals of a span from `start`; NaN where nothing is known."""

    start: dt.datetime
    history: NDArray[np.float64]
    calls: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    base: NDArray[np.float64]

    @classmethod
    def of(cls, version: ForecastVersion, span: DaySpan, zone: ZoneInfo) -> _Grid:
        start, end = span.instants(zone)
        step_s = version.step_s
        count = int((end - start).total_seconds()) // step_s
        series = history_series(version.queue_id, start, end, step_s)
        points = selectors.forecast_points(version.pk)
        places = (points.starts - to_instant(start)).astype("timedelta64[s]").astype(np.int64) // step_s
        inside = (places >= 0) & (places < count)

        def laid(values: NDArray[np.float64]) -> NDArray[np.float64]:
            row = np.full(count, np.nan)
            row[places[inside]] = values[inside]
            return row

        history = np.where(series.observed, series.offered, np.nan)[:count]
        base = selectors.forecast_points(version.origin_id) if version.origin_id else points
        return cls(
            start, history, laid(points.calls), laid(points.lower), laid(points.upper), laid(base.calls)
        )
