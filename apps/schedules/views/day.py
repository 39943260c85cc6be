"""The schedule of a day: people and quarters of an hour."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.web.pages import PageMixin
from apps.schedules.forms import GridFilterForm
from apps.schedules.selectors.day_grid import day_grid
from apps.schedules.selectors.rows import filter_choices
from apps.schedules.views.grid_markup import activity_code, day_lane
from apps.schedules.views.place import chosen_variant, place_of, variants_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.schedules.models import ScheduleVariant
    from apps.schedules.selectors.cover import Cover

HOURS = 24
SLOTS_AN_HOUR = 4


@dataclass(frozen=True, slots=True)
class CoverHour:
    """The cover of one hour in agents, means of its quarters."""

    hour: int
    required: float
    scheduled: float

    @property
    def difference(self) -> float:
        return self.scheduled - self.required


class DayPage(PageMixin, View):
    """Every person's day with the cover above it; the clock is that of the planning group."""

    def get(self, request: HttpRequest, group: str, month: dt.date, day: dt.date) -> HttpResponse:
        require(request.user, Capability.VIEW_SCHEDULE)
        place = place_of(request, group, month)
        if day.replace(day=1) != month:
            raise NotFoundError(_("%(day)s is not in this month.") % {"day": day})
        variants = variants_for(request, place)
        variant = chosen_variant(request, variants)
        context = {
            "section": "schedule",
            "place": place,
            "variants": variants,
            "variant": variant,
            "day": day,
            "previous_day": _same_month(day, -1),
            "next_day": _same_month(day, 1),
        }
        if variant is None:
            return render(request, "schedules/no_variant.html", context)
        return render(request, "schedules/day.html", {**context, **_grid(request, variant, day)})


def _same_month(day: dt.date, step: int) -> dt.date | None:
    other = day + dt.timedelta(days=step)
    return other if other.month == day.month else None


def _grid(request: HttpRequest, variant: ScheduleVariant, day: dt.date) -> dict[str, Any]:
    form = GridFilterForm(request.GET, choices=filter_choices(variant, request.user))
    grid = day_grid(variant, request.user, day, form.as_filters())
    return {
        "form": form,
        "grid": grid,
        "hours": _hours(grid.cover),
        "strip": _strip(grid.cover),
        "codes": {kind: activity_code(kind) for kind in ("work", "lunch", "break")},
        "rows": [(row, day_lane(row.segments)) for row in grid.rows],
    }


def _hours(cover: Cover) -> list[CoverHour]:
    slots = len(cover.required)
    return [
        CoverHour(
            hour,
            float(cover.required[first : first + SLOTS_AN_HOUR].mean()),
            float(cover.scheduled[first : first + SLOTS_AN_HOUR].mean()),
        )
        for hour, first in enumerate(range(0, min(slots, HOURS * SLOTS_AN_HOUR), SLOTS_AN_HOUR))
    ]


def _strip(cover: Cover) -> SafeString:
    """Give the slots with too few or too many people as coloured pieces; the hours above give figures."""
    looks = {-1: "under", 0: "even", 1: "over"}
    pairs = zip(cover.required.tolist(), cover.scheduled.tolist(), strict=True)
    pieces = [
        f'<span class="{looks[(scheduled > required) - (scheduled < required)]}"></span>'
        for required, scheduled in pairs
    ]
    return mark_safe("".join(pieces))  # noqa: S308 - fixed words only
