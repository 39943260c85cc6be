"""The requirement of a group against who is scheduled: chart, intervals, and the days of the month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.web.pages import PageMixin
from apps.core.web.series import chart_json, local_labels
from apps.core.web.spans import ZOOMS, DaySpan, read_span
from apps.core.zones import midnight, to_instant
from apps.schedules.models import PlanningGroup
from apps.schedules.selectors.cover import Cover, cover
from apps.schedules.selectors.overview import overview
from apps.schedules.views.place import Place, chosen_variant, place_of, variants_for
from apps.staffing.selectors import requirement_points

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest, HttpResponse
    from numpy.typing import NDArray

    from apps.schedules.models import ScheduleVariant

SLOT_S = 900
HOUR_S = 3600
LONG_DAYS = 14


@dataclass(frozen=True)
class Load:
    """Agents required in each slot from `start`, and who is at work once there is a plan."""

    start: dt.datetime
    required: NDArray[np.float64]
    cover: Cover | None = None


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One interval or one day in the table: agents, or agent-hours of a day."""

    label: str
    required: float
    scheduled: float | None
    under: float | None
    over: float | None


class RequirementPage(PageMixin, View):
    def get(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        place = place_of(request, group, month)
        variants = variants_for(request, place)
        variant = chosen_variant(request, variants)
        stages = overview(place.group, place.month).queues
        has_requirement = any(stage.requirement for stage in stages)
        whole = load_of(place, variant, DaySpan(place.month, (place.next - place.month).days))
        span = read_span(request, first=first_busy_day(whole, place))
        query = f"&variant={variant.pk}" if variant else ""
        address = reverse("schedules:requirement-data", args=[group, place.code])
        context: dict[str, Any] = {
            "section": "requirement",
            "place": place,
            "groups": PlanningGroup.objects.all(),
            "variants": variants,
            "variant": variant,
            "stages": stages,
            "span": span,
            "zooms": ZOOMS,
            "query": query,
            "data_url": f"{address}?from={span.first}&days={span.days}{query}",
            "has_requirement": has_requirement,
        }
        if has_requirement:
            context["days"] = day_rows(whole, place)
            context["intervals"] = interval_rows(load_of(place, variant, DaySpan(span.first, 1)), place.zone)
        return render(request, "schedules/requirement.html", context)


class RequirementData(PageMixin, View):
    """The figures of the chart: agents by quarter of an hour, or by hour over more than a week."""

    def get(self, request: HttpRequest, group: str, month: dt.date) -> JsonResponse:
        require(request.user, Capability.VIEW_PLANNING)
        place = place_of(request, group, month)
        variant = chosen_variant(request, variants_for(request, place))
        span = read_span(request, first=place.month)
        load = load_of(place, variant, span)
        factor = HOUR_S // SLOT_S if span.days > LONG_DAYS else 1
        series = [("required", _("Required agents"), _mean(load.required, factor))]
        if load.cover is not None:
            series.append(("scheduled", _("Agents at work"), _mean(load.cover.scheduled, factor)))
        labels = local_labels(load.start, SLOT_S * factor, series[0][2].size, place.zone)
        answer = chart_json(
            labels=labels, zone=place.zone, step_s=SLOT_S * factor, series=series, unit=_("Agents")
        )
        return JsonResponse(answer)


def load_of(place: Place, variant: ScheduleVariant | None, span: DaySpan) -> Load:
    """Give the days of the span that lie in the month: by the variant, else by the newest requirements."""
    start = max(midnight(span.first, place.group.time_zone), midnight(place.month, place.group.time_zone))
    end = min(midnight(span.end, place.group.time_zone), midnight(place.next, place.group.time_zone))
    if variant is not None:
        found = cover(variant, start, end)
        return Load(start, found.required.astype(float), found)
    required = np.zeros(max(int((end - start).total_seconds()), 0) // SLOT_S)
    origin = to_instant(start)
    for stage in overview(place.group, place.month).queues:
        if stage.requirement is None:
            continue
        points = requirement_points(stage.requirement.pk)
        first = (points.starts - origin).astype("timedelta64[s]").astype(np.int64) // SLOT_S
        for quarter in range(points.step_s // SLOT_S):
            slots = first + quarter
            inside = (slots >= 0) & (slots < required.size)
            np.add.at(required, slots[inside], points.required[inside])
    return Load(start, required)


def first_busy_day(load: Load, place: Place) -> dt.date:
    """Give the first day on which somebody is required, or the first of the month."""
    busy = np.flatnonzero(load.required > 0)
    if busy.size == 0:
        return place.month
    return (load.start + dt.timedelta(seconds=int(busy[0]) * SLOT_S)).astimezone(place.zone).date()


def _mean(values: NDArray[Any], factor: int) -> NDArray[np.float64]:
    whole = values.astype(float)
    return whole.reshape(-1, factor).mean(axis=1) if factor > 1 else whole


def interval_rows(load: Load, zone: ZoneInfo) -> list[LoadRow]:
    labels = local_labels(load.start, SLOT_S, load.required.size, zone)
    busy = load.required > 0 if load.cover is None else (load.required > 0) | (load.cover.scheduled > 0)
    return [
        _row(labels[index][-len("09:15") :], load, slice(index, index + 1), unit_s=SLOT_S)
        for index in np.flatnonzero(busy).tolist()
    ]


def day_rows(load: Load, place: Place) -> list[tuple[dt.date, LoadRow]]:
    """Sum agents up to agent-hours of each day of the month."""
    rows, day = [], place.month
    while day < place.next:
        following = day + dt.timedelta(days=1)
        first, last = (_slot(load, edge, place.zone) for edge in (day, following))
        rows.append((day, _row("", load, slice(first, last), unit_s=HOUR_S)))
        day = following
    return rows


def _slot(load: Load, day: dt.date, zone: ZoneInfo) -> int:
    return int((midnight(day, zone.key) - load.start).total_seconds()) // SLOT_S


def _row(label: str, load: Load, slots: slice, *, unit_s: int) -> LoadRow:
    def total(values: NDArray[Any]) -> float:
        return float(values[slots].sum()) * SLOT_S / unit_s

    if load.cover is None:
        return LoadRow(label, total(load.required), None, None, None)
    found = load.cover
    return LoadRow(label, total(load.required), total(found.scheduled), total(found.under), total(found.over))
