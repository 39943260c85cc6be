"""The schedule of a day: people and quarters of an hour."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core import clock
from apps.core.errors import NotFoundError
from apps.core.web.pages import PageMixin
from apps.core.zones import to_instant
from apps.schedules.forms import GridFilterForm
from apps.schedules.selectors.day_grid import day_grid
from apps.schedules.types import SLOT_S
from apps.schedules.views.day_clock import day_clock
from apps.schedules.views.edit_controls import choices_for, edit_controls
from apps.schedules.views.grid_markup import activity_code, day_lane, row_head
from apps.schedules.views.place import chosen_variant, place_of, variants_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest, HttpResponse, QueryDict
    from numpy.typing import NDArray

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import DayGrid
    from apps.schedules.views.day_clock import ClockHour, DayClock
    from apps.schedules.views.place import Place


@dataclass(frozen=True, slots=True)
class CoverHour:
    """The cover of one hour in agents, means of its quarters."""

    hour: ClockHour
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
        parts = day_parts(request.user, variant, day, request.GET)
        controls = edit_controls(request.user, place, variant, request.get_full_path())
        return render(request, "schedules/day.html", {**context, **_ways(place, day), **controls, **parts})


def _same_month(day: dt.date, step: int) -> dt.date | None:
    other = day + dt.timedelta(days=step)
    return other if other.month == day.month else None


def _ways(place: Place, day: dt.date) -> dict[str, str]:
    """Give where keys lead: the days beside, beyond the month too, and today."""
    one, today = dt.timedelta(days=1), clock.now().astimezone(place.zone).date()

    def day_url(other: dt.date) -> str:
        return reverse("schedules:day-page", args=[place.group.code, other.replace(day=1), other])

    return {
        "previous_url": day_url(day - one),
        "next_url": day_url(day + one),
        "today_url": day_url(today),
    }


def day_parts(
    user: User | AnonymousUser,
    variant: ScheduleVariant,
    day: dt.date,
    query: QueryDict,
    only: Collection[int] | None = None,
) -> dict[str, Any]:
    """Give what the grid shows by the filters of its address; with `only`, of rows just those people's."""
    usual = _("Clock of %(zone)s") % {"zone": variant.group.time_zone}
    form = GridFilterForm(query, choices=choices_for(variant, user, query, only), usual_clock=usual)
    grid = day_grid(variant, user, day, form.as_filters(), only=only)
    hands = day_clock(grid.start, grid.end, grid.zone)
    required, scheduled = _on_the_day(grid, hands)
    return {
        "form": form,
        "grid": grid,
        "hands": hands,
        "hours": _hours(required, scheduled, hands),
        "strip": _strip(required, scheduled),
        "codes": {kind: activity_code(kind) for kind in ("work", "lunch", "break")},
        "rows": [(row, row_head(row), day_lane(row.segments, row.absence, hands)) for row in grid.rows],
    }


def _on_the_day(grid: DayGrid, hands: DayClock) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give required and scheduled agents of the slots shown; the cover ends with the group's month."""
    arrays = []
    for values in (grid.cover.required, grid.cover.scheduled):
        day = np.zeros(hands.slots, dtype=np.int64)
        if values.size:
            first = int((grid.cover.starts[0] - to_instant(grid.start)).astype(int)) // SLOT_S
            inside = values[: day.size - first]
            day[first : first + inside.size] = inside
        arrays.append(day)
    return arrays[0], arrays[1]


def _hours(required: NDArray[np.int64], scheduled: NDArray[np.int64], hands: DayClock) -> list[CoverHour]:
    return [
        CoverHour(hour, *(float(values[hour.first : hour.end].mean()) for values in (required, scheduled)))
        for hour in hands.hours
    ]


def _strip(required: NDArray[np.int64], scheduled: NDArray[np.int64]) -> SafeString:
    """Give the slots with too few or too many people as coloured pieces; the hours above give figures."""
    looks = {-1: "under", 0: "even", 1: "over"}
    pairs = zip(required.tolist(), scheduled.tolist(), strict=True)
    pieces = [
        f'<span class="{looks[(present > needed) - (present < needed)]}"></span>' for needed, present in pairs
    ]
    return mark_safe("".join(pieces))  # noqa: S308 - fixed words only
