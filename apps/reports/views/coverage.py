"""The cover of the coming weeks: a part that the dashboard asks for, and the figures of its chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.web.pages import PageMixin
from apps.reports.selectors import coverage

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.reports.types import Day

HOUR_S = 3600


class CoveragePart(PageMixin, View):
    """Chart and table; the dashboard asks for them when it stands already."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        return render(request, "reports/coverage.html", {"coverage": coverage()})


class CoverageData(PageMixin, View):
    def get(self, request: HttpRequest) -> JsonResponse:
        require(request.user, Capability.VIEW_PLANNING)
        found = coverage()
        series = (
            ("required", _("Required"), [day.required_s for day in found.days]),
            ("scheduled", _("Scheduled"), [day.scheduled_s for day in found.days]),
            ("under", _("Under-cover"), [-day.under_s for day in found.days]),
            ("over", _("Over-cover"), [day.over_s for day in found.days]),
        )
        return JsonResponse(
            {
                "type": "bar",
                "labels": [f"{day.date:%d.%m}" for day in found.days],
                "axis": _("Day, %(zone)s") % {"zone": found.zone},
                "unit": _("Agent-hours a day"),
                "series": [
                    {"kind": kind, "label": label, "values": _hours(values, found.days)}
                    for kind, label, values in series
                ],
            }
        )


def _hours(values: list[int], days: list[Day]) -> list[float | None]:
    """Give seconds as hours; days of which nothing is required or scheduled become gaps."""
    known = [day.is_known for day in days]
    return [
        round(value / HOUR_S, 1) if is_known else None for value, is_known in zip(values, known, strict=True)
    ]
