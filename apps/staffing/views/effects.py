"""What a change of a forecast does to the requirement, as parts of the forecast's pages; and deriving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError
from apps.core.web.pages import TO_RESULT, PageMixin
from apps.forecasts.forms import AdjustmentForm
from apps.forecasts.selectors import forecast_points, version_by_id
from apps.forecasts.services.adjusting import adjusted_points
from apps.staffing.services.deriving import request_requirement
from apps.staffing.services.effects import effect_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.forecasts.models import ForecastVersion
    from apps.forecasts.types import ForecastArrays


class AdjustmentEffect(PageMixin, View):
    """The effect of the adjustment that the form holds; what is wrong with it instead, by field."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        version = version_by_id(pk)
        form = AdjustmentForm(request.GET)
        if not form.is_valid():
            problems = [
                f"{form.fields[name].label}: {reason}" if name in form.fields else str(reason)
                for name, reasons in form.errors.items()
                for reason in reasons
            ]
            return render(request, "staffing/effect.html", {"problems": problems})
        try:
            change = form.adjustment(version.queue.time_zone)
            points = adjusted_points(version, forecast_points(pk), [change])
        except DomainError as error:
            return render(request, "staffing/effect.html", {"problems": [error.message]})
        return _shown(request, version, points)


class ActivationEffect(PageMixin, View):
    """The effect of planning from this version instead of what is planned from now."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        return _shown(request, version_by_id(pk), None)


class Derive(PageMixin, View):
    """Start the job that derives the requirement of a forecast."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = request_requirement(forecast_id=pk, actor=cast("User", request.user))
        return HttpResponseRedirect(f"{reverse('jobs:detail-page', args=[job.pk])}?{TO_RESULT}")

    def get_refused_url(self) -> str:
        return reverse("forecasts:forecasts-page")


def _shown(request: HttpRequest, version: ForecastVersion, points: ForecastArrays | None) -> HttpResponse:
    try:
        effect = effect_of(version=version, points=points, actor=cast("User", request.user))
    except DomainError as error:
        return render(request, "staffing/effect.html", {"problems": [error.message]})
    return render(request, "staffing/effect.html", {"effect": effect})
