"""The start page and the sidebar's entries: each leads to the place last looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from apps.accounts.policies import Capability, may, require
from apps.core.web.pages import PageMixin
from apps.schedules.views.place import usual_place

if TYPE_CHECKING:
    from django.http import HttpRequest


class HomePage(PageMixin, View):
    """Lead everybody to the first page of their work: planners to what waits for them."""

    def get(self, request: HttpRequest) -> HttpResponseRedirect:
        if may(request.user, Capability.VIEW_PLANNING):
            return HttpResponseRedirect(reverse("admin:index"))
        if may(request.user, Capability.VIEW_SCHEDULE):
            return HttpResponseRedirect(reverse("schedules:schedules-page"))
        return HttpResponseRedirect(reverse("schedules:my-page"))


class _Door(PageMixin, View):
    """Lead to `target` of the usual group and month."""

    capability = Capability.VIEW_PLANNING
    target = "schedules:overview-page"
    section = "overview"

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, self.capability)
        place = usual_place(request)
        if place is None:
            return render(request, "schedules/no_group.html", {"section": self.section})
        return HttpResponseRedirect(reverse(self.target, args=[place.group.code, place.code]))


class PlanningDoor(_Door):
    pass


class RequirementDoor(_Door):
    target = "schedules:requirement-page"
    section = "requirement"


class ScheduleDoor(_Door):
    capability = Capability.VIEW_SCHEDULE
    target = "schedules:month-page"
    section = "schedule"
