"""Who edited a variant and a shift, when, and from what to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.web.pages import PageMixin
from apps.organization.policies import employees_visible_to
from apps.schedules.models import ScheduleEdit, ShiftChange
from apps.schedules.selectors.edit_log import edit_lines, history_of
from apps.schedules.views.edit_task import variant_of
from apps.schedules.views.place import chosen_variant, place_of, variants_for

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

MOST_EDITS = 200


class EditsPage(PageMixin, View):
    """The edits of a variant, newest first."""

    def get(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        require(request.user, Capability.VIEW_SCHEDULE)
        place = place_of(request, group, month)
        variants = variants_for(request, place)
        variant = chosen_variant(request, variants)
        context = {"section": "schedule", "place": place, "variants": variants, "variant": variant}
        if variant is None:
            return render(request, "schedules/no_variant.html", context)
        log = ScheduleEdit.objects.filter(variant=variant)
        context["edits"] = edit_lines(variant, request.user, log, MOST_EDITS)
        return render(request, "schedules/edits.html", context)


class ShiftHistory(PageMixin, View):
    """The edits of one shift, for the dialog; of a shift that is gone too."""

    def get(self, request: HttpRequest, group: str, month: dt.date, shift: int) -> HttpResponse:
        require(request.user, Capability.VIEW_SCHEDULE)
        place = place_of(request, group, month)
        variant = variant_of(request.user, place, request.GET)
        visible = employees_visible_to(request.user)
        is_seen = variant.shifts.filter(pk=shift, employee__in=visible).exists()
        changes = ShiftChange.objects.filter(shift_id=shift, edit__variant=variant, employee__in=visible)
        if not is_seen and not changes.exists():
            raise NotFoundError(_("There is no such shift in this variant."))
        context = {"place": place, "variant": variant, "edits": history_of(variant, request.user, shift)}
        return render(request, "schedules/shift_history.html", context)
