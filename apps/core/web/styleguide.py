"""All components on one page, in every state: what pages are built from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from apps.core import clock
from apps.core.web.pages import PageMixin

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

COLOURS = (
    "ground", "surface", "surface-2", "surface-3", "line", "line-strong", "ink", "ink-2", "accent",
    "accent-strong", "accent-soft", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft",
    "info", "info-soft", "work",
    "night", "lunch", "pause", "absence", "weekend",
)  # fmt: skip
DAY = 96
WANTED = (120, 120, 120, 120, 120, 100, 100) * 2


class _ForStaff(PageMixin, View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Styleguide(_ForStaff):
    """For those who build pages."""

    def get(self, request: HttpRequest) -> HttpResponse:
        facts = {"colours": COLOURS, "now": clock.now(), "share": 0.873, "seconds": 27_000, "known": 12_345}
        return render(request, "core/styleguide.html", facts)


class StyleguideData(_ForStaff):
    """A day of made-up figures for its charts."""

    def get(self, request: HttpRequest) -> JsonResponse:
        if request.GET.get("kind") == "bar":
            return JsonResponse(_bars())
        required = [max(0, 12 - abs(slot - 52) // 4) for slot in range(DAY)]
        scheduled = [required[max(slot - 3, 0)] for slot in range(DAY)]
        return JsonResponse(
            {
                "labels": [f"02.11 {slot // 4:02d}:{slot % 4 * 15:02d}" for slot in range(DAY)],
                "axis": _("Interval start, %(zone)s") % {"zone": "Europe/Moscow"},
                "unit": _("Agents"),
                "series": [
                    {"kind": "required", "label": _("Required"), "values": required},
                    {"kind": "scheduled", "label": _("Scheduled"), "values": scheduled},
                ],
            }
        )


def _bars() -> dict[str, Any]:
    there = [value + (15 if day % 3 == 0 else -10) for day, value in enumerate(WANTED)]
    gaps = [have - want for have, want in zip(there, WANTED, strict=True)]
    return {
        "type": "bar",
        "labels": [f"{day + 1:02d}.11" for day in range(len(WANTED))],
        "axis": _("Day, %(zone)s") % {"zone": "Europe/Moscow"},
        "unit": _("Agent-hours a day"),
        "series": [
            {"kind": "required", "label": _("Required"), "values": WANTED},
            {"kind": "scheduled", "label": _("Scheduled"), "values": there},
            {"kind": "under", "label": _("Under-cover"), "values": [min(gap, 0) for gap in gaps]},
            {"kind": "over", "label": _("Over-cover"), "values": [max(gap, 0) for gap in gaps]},
        ],
    }
