"""The buttons of the overview: each starts the job of its stage, or publishes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.core.errors import DomainError, NotAllowedError
from apps.core.web.converters import month_after
from apps.core.web.numbers import read_number
from apps.core.web.pages import PageMixin
from apps.forecasts.services.running import request_forecast
from apps.schedules.forms import PlanForm
from apps.schedules.models import ScheduleVariant
from apps.schedules.selectors.overview import overview
from apps.schedules.services.optimisation import request_plan
from apps.schedules.services.publishing import publish_variant
from apps.schedules.views.place import Place, place_of
from apps.staffing.services.deriving import request_requirement

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from django.http import HttpRequest


class _Action(PageMixin, View, ABC):
    """A POST about a place that leads back to its overview; the service decides who may."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        place = place_of(request, group, month)
        messages.success(request, self.act(place, cast("Any", request.user)))
        return HttpResponseRedirect(self.get_refused_url())

    @abstractmethod
    def act(self, place: Place, actor: Any) -> str:
        """Do it and say what was done."""

    def get_refused_url(self) -> str:
        return reverse("schedules:overview-page", kwargs=self.kwargs)


class _QueueAction(_Action):
    """Starts a job of each queue of the group."""

    def start_each(self, starts: dict[str, Callable[[], object]]) -> None:
        """Start what can be started and tell the refusals by queue; where all refuse, nothing has started."""
        refusals: dict[str, DomainError] = {}
        for name, begin in starts.items():
            try:
                begin()
            except NotAllowedError:
                raise
            except DomainError as error:
                refusals[name] = error
        if len(refusals) == len(starts) == 1:
            raise next(iter(refusals.values()))
        told = [f"{name}: {error.message}" for name, error in refusals.items()]
        if told and len(told) == len(starts):
            raise DomainError(" ".join(told))
        for text in told:
            messages.warning(self.request, text)


class RunForecasts(_QueueAction):
    def act(self, place: Place, actor: Any) -> str:
        request = partial(request_forecast, start=place.month, end=month_after(place.month), actor=actor)
        self.start_each(
            {
                stage.queue.name: partial(request, queue_id=stage.queue.pk)
                for stage in overview(place.group, place.month).queues
            }
        )
        return _("The forecast has started.")


class DeriveRequirements(_QueueAction):
    def act(self, place: Place, actor: Any) -> str:
        stages = overview(place.group, place.month).queues
        missing = [stage.queue.name for stage in stages if not stage.forecast]
        if missing:
            raise DomainError(
                _("There is no active forecast of %(queues)s.") % {"queues": ", ".join(missing)}
            )
        self.start_each(
            {
                stage.queue.name: partial(request_requirement, forecast_id=stage.forecast.pk, actor=actor)
                for stage in stages
                if stage.forecast
            }
        )
        return _("The requirement is being derived.")


class PlanMonth(_Action):
    def act(self, place: Place, actor: Any) -> str:
        form = PlanForm(self.request.POST)
        if not form.is_valid():
            raise DomainError(_("Choose how long to plan."))
        limit_s = form.cleaned_data["time_limit_s"]
        request_plan(group_id=place.group.pk, month=place.month, actor=actor, time_limit_s=limit_s)
        return _("Planning has started.")


class Publish(_Action):
    def act(self, place: Place, actor: Any) -> str:
        wanted = self.request.POST.get("variant", "")
        if not wanted:
            raise DomainError(_("Say which variant to publish."))
        variant = get_object_or_404(
            ScheduleVariant, pk=read_number(wanted), group=place.group, month=place.month
        )
        published = publish_variant(variant_id=variant.pk, actor=actor)
        return _("Variant %(number)s is published: its people see their shifts now.") % {
            "number": published.number
        }
