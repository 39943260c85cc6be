"""Outliers of a queue's history, and what was corrected in it."""

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
from django.utils.translation import ngettext
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.web.pages import PageMixin
from apps.core.web.place import remember
from apps.core.web.spans import ZOOMS, DaySpan, read_span
from apps.demand.choices import CorrectionAction
from apps.demand.forms import CorrectionForm, ReasonForm
from apps.demand.models import HistoryCorrection
from apps.demand.selectors import (
    analyse,
    corrections_of,
    decisions,
    explain,
    find_outliers,
    history_span,
    newest_correction_id,
)
from apps.demand.services.correcting import correct_history, undo_correction
from apps.demand.views.outlier_chart import day_totals, outlier_chart
from apps.organization.models import Queue
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.demand.selectors import Analysis
    from apps.demand.types import Outlier

SHOWN_DAYS = 28
LAST_CORRECTIONS = 50
LEVELS = {"outer": 2, "inner": 1}
FIELDS = {"start": "first_day", "end": "last_day", "spans": "__all__"}


@dataclass(frozen=True, slots=True)
class OutlierRow:
    outlier: Outlier
    hours: str
    text: str
    token: str
    decision: HistoryCorrection | None


class OutliersPage(PageMixin, View):
    """Chart with the ordinary band, outliers in words, the form that corrects them, past corrections."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        remember(request, queue=code)
        seen = newest_correction_id([queue.pk])
        form = CorrectionForm(initial={"seen": seen, "action": CorrectionAction.EXCLUDE})
        return render(request, "demand/outliers.html", _context(request, queue, form))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Correct the ticked outliers and the span that is named by hand."""
        require(request.user, Capability.CORRECT_HISTORY)
        queue = queue_by_code(code)
        form = CorrectionForm(request.POST)
        if form.is_valid():
            sent = form.cleaned_data
            try:
                made = correct_history(
                    queue_id=queue.pk,
                    spans=form.spans(queue.time_zone),
                    action=sent["action"],
                    value=sent["value"],
                    reason=sent["reason"],
                    seen=sent["seen"],
                    actor=cast("User", request.user),
                )
            except DomainError as error:
                form.lay(error, FIELDS)
                return render(
                    request, "demand/outliers.html", _context(request, queue, form), status=error.status
                )
            text = ngettext("%(count)d correction was made.", "%(count)d corrections were made.", len(made))
            messages.success(request, text % {"count": len(made)})
            return HttpResponseRedirect(request.get_full_path())
        return render(request, "demand/outliers.html", _context(request, queue, form), status=422)


class OutliersData(PageMixin, View):
    """The figures of the chart: recorded, corrected, and the ordinary band; by day over long spans."""

    def get(self, request: HttpRequest, code: str) -> JsonResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        zone = zone_of(queue)
        span = read_span(request, first=clock.now().astimezone(zone).date())
        analysis = analyse(queue, span.first, span.end)
        found = find_outliers(queue, span.first, span.end, least=least_of(request), analysis=analysis)
        return JsonResponse(outlier_chart(analysis, found, span, zone))


class UndoCorrection(PageMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.CORRECT_HISTORY)
        form = ReasonForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        undo_correction(correction_id=pk, reason=reason, actor=cast("User", request.user))
        messages.success(request, _("The correction was undone."))
        return HttpResponseRedirect(self.get_refused_url())

    def get_refused_url(self) -> str:
        row = get_object_or_404(HistoryCorrection.objects.select_related("queue"), pk=self.kwargs["pk"])
        day = row.start.astimezone(zone_of(row.queue)).date() - dt.timedelta(days=SHOWN_DAYS // 2)
        address = reverse("demand:outliers-page", args=[row.queue.code])
        return f"{address}?from={day}&days={SHOWN_DAYS}#corrections"


def _context(request: HttpRequest, queue: Queue, form: CorrectionForm) -> dict[str, Any]:
    zone = zone_of(queue)
    known = history_span(queue.pk)
    least, level = least_of(request), request.GET.get("level", "outer")
    shows_open = request.GET.get("show") == "open"
    context: dict[str, Any] = {
        "section": "history",
        "tab": "outliers",
        "queue": queue,
        "queues": Queue.objects.all(),
        "known": known,
        "zone": zone,
        "form": form,
        "level": level,
        "zooms": (*ZOOMS, 56),
        "query": ("" if level == "outer" else f"&level={level}") + ("&show=open" if shows_open else ""),
        "shows_open": shows_open,
        "corrections": corrections_of(queue.pk)[:LAST_CORRECTIONS],
        "is_whole": not queue.members.exists(),
    }
    if known:
        span = shown_span(request, known[1].astimezone(zone).date())
        analysis = analyse(queue, span.first, span.end)
        found = find_outliers(queue, span.first, span.end, least=least, analysis=analysis)
        ticked = set(form.data.getlist("span")) if form.is_bound else set()  # type: ignore[attr-defined]
        made = decisions([item.correction.id for item in found if item.correction])
        rows = [_row(outlier, zone, made) for outlier in found]
        address = reverse("demand:outliers-data", args=[queue.code])
        context |= {
            "span": span,
            "rows": [(row, row.token in ticked) for row in rows if not (shows_open and row.decision)],
            "found": len(rows),
            "undecided": sum(row.decision is None for row in rows),
            "data_url": f"{address}?from={span.first}&days={span.days}&level={level}",
            "days": day_rows(analysis, span) if analysis else [],
        }
    return context


def shown_span(request: HttpRequest, last: dt.date) -> DaySpan:
    """Give the days of the address, else the last weeks up to the last day that was recorded."""
    return read_span(request, first=last - dt.timedelta(days=SHOWN_DAYS - 1), days=SHOWN_DAYS)


def least_of(request: HttpRequest) -> int:
    """Give the severity from which outliers are shown, by the fence in the address."""
    level = request.GET.get("level", "outer")
    if level not in LEVELS:
        raise DomainError(_("%(text)s is no level of outliers.") % {"text": level[:40]})
    return LEVELS[level]


def _row(outlier: Outlier, zone: ZoneInfo, made: Mapping[int, HistoryCorrection]) -> OutlierRow:
    start, end = (moment.astimezone(zone) for moment in (outlier.span.start, outlier.span.end))
    return OutlierRow(
        outlier=outlier,
        hours=f"{start:%H:%M}–{end:%H:%M}",
        text=explain(outlier),
        token=f"{outlier.span.start.isoformat()}/{outlier.span.end.isoformat()}",
        decision=made.get(outlier.correction.id) if outlier.correction else None,
    )


def day_rows(
    analysis: Analysis, span: DaySpan
) -> list[tuple[dt.date, float | None, float | None, float | None, float | None]]:
    """Give each day with its recorded and corrected contacts and the band of its total."""
    rows = analysis.rows(span.first, span.end)
    recorded, corrected = day_totals(analysis.recorded), day_totals(analysis.corrected)

    def known(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    return [
        (
            analysis.first_day + dt.timedelta(days=day),
            known(recorded[day]),
            known(corrected[day]),
            known(analysis.days.inner_low[day, 0]),
            known(analysis.days.inner_high[day, 0]),
        )
        for day in range(rows.start, rows.stop)
    ]
