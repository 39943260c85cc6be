"""Two versions of a queue side by side, with the recorded fact: chart, table, accuracy."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError, NotFoundError
from apps.core.web.numbers import read_number
from apps.core.web.pages import PageMixin
from apps.core.web.series import chart_json
from apps.core.zones import to_instant
from apps.demand.selectors import history_series, offered_by_day
from apps.forecasts import selectors
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest
    from numpy.typing import NDArray

    from apps.forecasts.models import ForecastVersion
    from apps.organization.models import Queue

BY = ("day", "week")
LONG_DAYS = 14
DAY_S = 86_400
LAST_VERSIONS = 100
MOMENT = dt.timedelta(seconds=1)


class ComparePage(PageMixin, View):
    """`?a=<id>&b=<id>&by=day|week`; `?version=<id>` pairs the version the reader came from.

    Without any, two versions of common days are shown, the active one first.
    """

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        versions = list(selectors.versions_of(queue.pk)[:LAST_VERSIONS])
        by = request.GET.get("by", "day")
        if by not in BY:
            raise DomainError(_("%(text)s is no way to compare.") % {"text": by[:40]})
        pair = asked_pair(request, queue) or selectors.default_pair(versions, _shown(request, queue))
        zone = zone_of(queue)
        listed = sorted({*versions, *(pair or ())}, key=lambda row: row.number, reverse=True)
        context: dict[str, Any] = {
            "section": "forecast",
            "queue": queue,
            "versions": [(row, *local_days(row, zone)) for row in listed],
            "by": by,
            "zone": zone,
        }
        if pair:
            one, other = pair
            context |= {"one": one, "other": other, "stale": selectors.staleness([one, other])}
            if selectors.share_days(one, other):
                address = reverse("forecasts:compare-data", args=[queue.code])
                context["found"] = selectors.compare_versions(one, other, weekly=by == "week")
                context["file_query"] = f"a={one.pk}&b={other.pk}&by={by}"
                context["data_url"] = f"{address}?a={one.pk}&b={other.pk}"
        return render(request, "forecasts/compare.html", context)


class CompareData(PageMixin, View):
    """The figures of the chart: by interval over two weeks, by day beyond."""

    def get(self, request: HttpRequest, code: str) -> JsonResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        pair = asked_pair(request, queue)
        if pair is None:
            raise NotFoundError(_("Name two versions."))
        one, other = pair
        start, end = max(one.start, other.start), min(one.end, other.end)
        if end <= start:
            raise DomainError(_("The two versions share no day."))
        zone = zone_of(queue)
        days = (end - start).days
        chart = _by_day if days > LONG_DAYS else _by_interval
        labels, values, step_s = chart(one, other, start, end, zone)
        names = [
            ("history", _("Fact")),
            ("forecast", _("Version %(number)d") % {"number": one.number}),
            ("other", _("Version %(number)d") % {"number": other.number}),
        ]
        series = [(kind, label, row) for (kind, label), row in zip(names, values, strict=True)]
        return JsonResponse(chart_json(labels=labels, zone=zone, step_s=step_s, series=series))


def asked_pair(request: HttpRequest, queue: Queue) -> tuple[ForecastVersion, ForecastVersion] | None:
    """Give the two versions that the address names, if it names both."""
    asked = [request.GET.get(name, "") for name in ("a", "b")]
    if not all(asked):
        return None
    one, other = (_version(text, queue) for text in asked)
    return one, other


def _shown(request: HttpRequest, queue: Queue) -> ForecastVersion | None:
    """Give the one version that the address names."""
    asked = next(filter(None, (request.GET.get(name, "") for name in ("version", "a", "b"))), "")
    return _version(asked, queue) if asked else None


def _version(text: str, queue: Queue) -> ForecastVersion:
    found = selectors.version_by_id(read_number(text))
    if found.queue_id != queue.pk:
        raise NotFoundError(_("This queue has no such version."))
    return found


def local_days(version: ForecastVersion, zone: ZoneInfo) -> tuple[dt.date, dt.date]:
    """Give the first and the last local day of a version."""
    return version.start.astimezone(zone).date(), (version.end - MOMENT).astimezone(zone).date()


def _by_day(
    one: ForecastVersion, other: ForecastVersion, start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> tuple[list[str], list[NDArray[np.float64]], int]:
    sums = selectors.calls_by_day({one.pk, other.pk}, start, end, zone.key)
    fact = offered_by_day(one.queue_id, start, end, zone.key)
    days = sorted({*sums[one.pk], *sums[other.pk]})
    rows = [
        np.array([found.get(day, np.nan) for day in days], dtype=np.float64)
        for found in (fact, sums[one.pk], sums[other.pk])
    ]
    return [f"{day:%d.%m} 00:00" for day in days], rows, DAY_S


def _by_interval(
    one: ForecastVersion, other: ForecastVersion, start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> tuple[list[str], list[NDArray[np.float64]], int]:
    step_s = max(one.step_s, other.step_s)
    count = int((end - start).total_seconds()) // step_s
    series = history_series(one.queue_id, start, end, step_s)
    rows = [np.where(series.observed, series.offered, np.nan)[:count]]
    for version in (one, other):
        points = selectors.forecast_points(version.pk)
        place = (points.starts - to_instant(start)).astype(np.int64) // step_s
        inside = (place >= 0) & (place < count)
        rows.append(np.bincount(place[inside], weights=points.calls[inside], minlength=count))
    moments = (start + dt.timedelta(seconds=step_s * index) for index in range(count))
    return [f"{moment.astimezone(zone):%d.%m %H:%M}" for moment in moments], rows, step_s
