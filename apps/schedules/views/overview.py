"""The chain of a group and month on one page: what each stage has, what runs, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.web.pages import PageMixin
from apps.schedules.choices import VariantState
from apps.schedules.forms import PlanForm
from apps.schedules.models import PlanningGroup
from apps.schedules.selectors.overview import overview
from apps.schedules.selectors.reasons import explain_reasons
from apps.schedules.views.figures import PlanFigures
from apps.schedules.views.place import Place, place_of

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import Overview


@dataclass(frozen=True)
class Readiness:
    """Which stage may run: each needs the one before for every queue of the group."""

    forecast: bool
    requirement: bool
    plan: bool


class OverviewPage(PageMixin, View):
    template_name = "schedules/overview.html"

    def get(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        place = place_of(request, group, month)
        return render(request, self.template_name, _context(request, place))


class StagesPart(OverviewPage):
    """The stages alone: the page asks for them when a job ends."""

    template_name = "schedules/stages.html"


def _context(request: HttpRequest, place: Place) -> dict[str, Any]:
    state = overview(place.group, place.month)
    current = [row for row in state.variants if row.state != VariantState.ARCHIVED]
    newest = next(iter(current), None)
    data = reverse("schedules:requirement-data", args=[place.group.code, place.code])
    published = next((row for row in current if row.state == VariantState.PUBLISHED), None)
    return {
        "section": "overview",
        "place": place,
        "groups": PlanningGroup.objects.all(),
        "plan_form": PlanForm(),
        "overview": state,
        "ready": _readiness(state),
        "newest": newest,
        "figures": PlanFigures.of(newest) if newest else None,
        "published": published,
        "reasons": explain_reasons(newest, request.user) if newest else [],
        "variants": [(row, PlanFigures.of(row)) for row in state.variants],
        "is_stale": _is_stale(newest, state),
        "data_url": f"{data}?days={(place.next - place.month).days}&variant={newest.pk}" if newest else "",
    }


def _readiness(state: Overview) -> Readiness:
    stages = state.queues
    return Readiness(
        forecast=bool(stages) and all(stage.history for stage in stages),
        requirement=bool(stages) and all(stage.forecast for stage in stages),
        plan=bool(stages) and all(stage.requirement for stage in stages),
    )


def _is_stale(newest: ScheduleVariant | None, state: Overview) -> bool:
    """Tell whether a queue has a newer requirement than the one the variant was planned by."""
    if newest is None:
        return False
    used = set(newest.requirements.values_list("pk", flat=True))
    wanted = {stage.requirement.pk for stage in state.queues if stage.requirement}
    return not wanted <= used
