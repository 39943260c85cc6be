"""The schedule of a month: people and days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core import clock
from apps.core.templatetags.clock import offset_name
from apps.core.web.pages import PageMixin
from apps.core.zones import midnight
from apps.schedules.choices import RuleMode
from apps.schedules.forms import GridFilterForm
from apps.schedules.selectors.days_off import group_days_off
from apps.schedules.selectors.month_grid import month_grid
from apps.schedules.selectors.violations import violations_of
from apps.schedules.types import AbsenceCell, Month
from apps.schedules.views.edit_controls import choices_for, edit_controls
from apps.schedules.views.grid_markup import absence_code, month_balance, month_cells, row_head
from apps.schedules.views.place import Place, chosen_variant, place_of, variants_for

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest, HttpResponse, QueryDict

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import MonthGrid

SHOWN_VIOLATIONS = 100


class MonthPage(PageMixin, View):
    """Every person's month with totals and the cover of each day."""

    def get(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        require(request.user, Capability.VIEW_SCHEDULE)
        place = place_of(request, group, month)
        variants = variants_for(request, place)
        variant = chosen_variant(request, variants)
        context = {"section": "schedule", "place": place, "variants": variants, "variant": variant}
        if variant is None:
            return render(request, "schedules/no_variant.html", context)
        parts = month_parts(request.user, place, variant, request.GET)
        controls = edit_controls(request.user, place, variant, request.get_full_path())
        return render(request, "schedules/month.html", {**context, **_ways(place), **controls, **parts})


def month_parts(
    user: User | AnonymousUser,
    place: Place,
    variant: ScheduleVariant,
    query: QueryDict,
    only: Collection[int] | None = None,
) -> dict[str, Any]:
    """Give what the grid shows by the filters of its address; with `only`, of rows just those people's."""
    form = GridFilterForm(
        query, choices=choices_for(variant, user, query, only), usual_clock=_("Everybody's own")
    )
    filters = form.as_filters()
    grid = month_grid(variant, user, filters, only=only)
    off = group_days_off(place.group, grid.days)
    violations = violations_of(variant, user)
    offsets = {row.zone: _offset(row.zone, variant.month) for row in grid.rows}
    return {
        "form": form,
        "grid": grid,
        "clock": filters.clock,
        "has_own_clocks": not filters.clock,
        "days": [_day_head(place, variant, day, is_off) for day, is_off in zip(grid.days, off, strict=True)],
        "rows": [
            (
                row,
                row_head(row, "" if filters.clock else offsets[row.zone]),
                month_cells(row.cells, off),
                month_balance(row.paid_s, row.norm_s, row.violations),
            )
            for row in grid.rows
        ],
        "absences": _absence_legend(grid),
        "violations": [(row, RuleMode(row.mode).label) for row in violations[:SHOWN_VIOLATIONS]],
        "violations_count": len(violations),
    }


def _offset(zone: str, month: dt.date) -> str:
    """Give how far a clock is from UTC in a month; where it changes within it, both."""
    edges = (midnight(month, zone), Month(month, zone).end)
    found = (offset_name(edge.astimezone(ZoneInfo(zone))) for edge in edges)
    return " / ".join(dict.fromkeys(found))


def _ways(place: Place) -> dict[str, str]:
    """Give where keys lead: the months beside, this month, and a day (the script puts its number in)."""

    def month_url(month: dt.date) -> str:
        return reverse("schedules:month-page", args=[place.group.code, month])

    return {
        "previous_url": month_url(place.previous),
        "next_url": month_url(place.next),
        "today_url": month_url(_today(place).replace(day=1)),
    }


def _today(place: Place) -> dt.date:
    return clock.now().astimezone(place.zone).date()


def _day_head(place: Place, variant: ScheduleVariant, day: dt.date, off: bool) -> dict[str, Any]:  # noqa: FBT001 - a column of the heading, as the others
    url = reverse("schedules:day-page", args=[place.group.code, place.code, day])
    return {
        "date": day,
        "off": off,
        "today": day == _today(place),
        "url": f"{url}?variant={variant.pk}",
        "weekday": date_format(day, "D"),
    }


def _absence_legend(grid: MonthGrid) -> list[tuple[str, str]]:
    """Give the absences that occur, code and name."""
    seen = {
        (cell.code, cell.name) for row in grid.rows for cell in row.cells if isinstance(cell, AbsenceCell)
    }
    return sorted((absence_code(code), name) for code, name in seen)
