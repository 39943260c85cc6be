"""What a page gets back after an edit: the rows, totals and lists that it touched, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.schedules.models import ScheduleEdit, ShiftChange
from apps.schedules.selectors.edit_log import titles_of
from apps.schedules.views.day import day_parts
from apps.schedules.views.edit_controls import edit_controls, overtaken
from apps.schedules.views.month import month_parts

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.core.errors import StaleError
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import EditOutcome
    from apps.schedules.views.place import Place

GRIDS = {"month-page": "month", "day-page": "day"}


@dataclass(frozen=True)
class GridAddress:
    """Which grid the person looks at, by its address: a day, or the month where there is none."""

    path: str
    query: QueryDict
    day: dt.date | None


def grid_address(request: HttpRequest, place: Place) -> GridAddress:
    """Read the address of the grid that a form was sent from; the plain month where it says none of ours."""
    text = request.POST.get("back", "") or request.GET.get("back", "")
    path, _mark, query = text.partition("?")
    month = GridAddress(
        reverse("schedules:month-page", args=[place.group.code, place.code]), QueryDict(), None
    )
    if not url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return month
    try:
        match = resolve(path)
    except Resolver404:
        return month
    here = match.kwargs.get("group") == place.group.code and match.kwargs.get("month") == place.month
    if match.url_name not in GRIDS or not here:
        return month
    return GridAddress(text, QueryDict(query), match.kwargs.get("day"))


def answer(
    request: HttpRequest, place: Place, variant: ScheduleVariant, outcome: EditOutcome
) -> HttpResponse:
    """Give the touched parts to htmx, else lead back to the grid with a message."""
    address = grid_address(request, place)
    if request.headers.get("HX-Request") != "true":
        messages.success(request, _told(_title(request, variant, outcome)))
        return HttpResponseRedirect(address.path)
    context = _parts(request, place, variant, touched(outcome), address)
    lines = {line.edit_id: line.title for line in context["edits"]}
    title = lines.get(outcome.edit_id) or _title(request, variant, outcome)
    response = render(request, "schedules/edit_answer.html", context)
    response["HX-Trigger"] = json.dumps({"schedule:edited": {"text": _told(title)}})
    return response


def newer(request: HttpRequest, place: Place, variant: ScheduleVariant, error: StaleError) -> HttpResponse:
    """Give the rows of a refused step as they are now, with the refusal."""
    held = {shift["employee_id"] for shift in error.extra.get("current", [])}
    changes = ShiftChange.objects.filter(edit__variant=variant, shift_id__in=error.extra.get("gone", []))
    touched_people = held | set(changes.values_list("employee", flat=True))
    context = _parts(request, place, variant, touched_people, grid_address(request, place))
    context["overtaken"] = overtaken(variant, cast("User", request.user))
    response = render(request, "schedules/edit_answer.html", context, status=error.status)
    response["HX-Trigger"] = json.dumps({"schedule:overtaken": {"text": error.message}})
    return response


def _title(request: HttpRequest, variant: ScheduleVariant, outcome: EditOutcome) -> str:
    edit = ScheduleEdit.objects.select_related("reverses").get(pk=outcome.edit_id)
    return titles_of(variant, request.user, [edit])[edit.pk]


def _told(title: str) -> str:
    return _("Saved: %(what)s.") % {"what": title}


def _parts(
    request: HttpRequest,
    place: Place,
    variant: ScheduleVariant,
    people: set[int],
    address: GridAddress,
) -> dict[str, Any]:
    context: dict[str, Any] = {"place": place, "variant": variant, "is_part": True}
    context |= edit_controls(request.user, place, variant, address.path)
    if address.day is None:
        return context | month_parts(request.user, place, variant, address.query, only=people)
    parts = day_parts(request.user, variant, address.day, address.query, only=people)
    shown = {row.employee_id for row, *_markup in parts["rows"]}
    return context | parts | {"day": address.day, "emptied": sorted(people - shown)}


def touched(outcome: EditOutcome) -> set[int]:
    """Give the people whose shifts the edit changed."""
    return {item.employee_id for item in outcome.effect.hours} | {item.employee_id for item in outcome.shifts}
