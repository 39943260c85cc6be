"""Changing which forecast is planned from: adjust, activate, roll back; each shows its effect first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError
from apps.core.web.pages import PageMixin
from apps.demand.forms import ReasonForm
from apps.forecasts import selectors
from apps.forecasts.forms import NewAdjustmentForm, OptionalReasonForm
from apps.forecasts.services.adjusting import adjust_forecast
from apps.forecasts.services.proposing import propose_coefficients
from apps.forecasts.services.versions import activate_version, archive_version, replaced_by, roll_back
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.forecasts.models import ForecastVersion

FIELDS = {"start": "first_day", "end": "last_day"}
MOMENT = dt.timedelta(seconds=1)


class AdjustPage(PageMixin, View):
    """The form of a growth factor or an override, with its effect on the requirement as it is filled."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.RUN_FORECAST)
        version = selectors.version_by_id(pk)
        zone = zone_of(version.queue)
        days = {
            "first_day": version.start.astimezone(zone).date(),
            "last_day": (version.end - MOMENT).astimezone(zone).date(),
        }
        form = NewAdjustmentForm(initial=days | {"operation": "multiply", "value": 1})
        return render(request, "forecasts/adjust.html", _context(version, form=form))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.RUN_FORECAST)
        version = selectors.version_by_id(pk)
        form = NewAdjustmentForm(request.POST)
        if not form.is_valid():
            return render(request, "forecasts/adjust.html", _context(version, form=form), status=422)
        try:
            made = adjust_forecast(
                version_id=pk,
                adjustments=[form.adjustment(version.queue.time_zone)],
                reason=form.cleaned_data["reason"],
                actor=cast("User", request.user),
                activate=form.cleaned_data["activate"],
            )
        except DomainError as error:
            form.lay(error, FIELDS)
            context = _context(version, form=form)
            return render(request, "forecasts/adjust.html", context, status=error.status)
        messages.success(request, _("Version %(number)d was made.") % {"number": made.number})
        return _to_version(made)


class ActivatePage(PageMixin, View):
    """What planning from this version would change; then do it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.RUN_FORECAST)
        version = selectors.version_by_id(pk)
        active = selectors.active_versions(version.queue_id, version.start, version.end)
        others = [row for row in active if row.pk != version.pk]
        context = _context(version, form=OptionalReasonForm(), others=others, effect=version)
        return render(request, "forecasts/activate.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.RUN_FORECAST)
        form = OptionalReasonForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        version = activate_version(version_id=pk, reason=reason, actor=cast("User", request.user))
        messages.success(request, _("Version %(number)d is planned from.") % {"number": version.number})
        return _to_version(version)


class RollBackPage(PageMixin, View):
    """What going back to the version before would change; then do it, with a reason."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.RUN_FORECAST)
        return self._shown(request, selectors.version_by_id(pk), ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, Capability.RUN_FORECAST)
        version = selectors.version_by_id(pk)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._shown(request, version, form, status=422)
        earlier = roll_back(
            version_id=pk, reason=form.cleaned_data["reason"], actor=cast("User", request.user)
        )
        text = _("Version %(number)d is planned from again.") % {"number": earlier[-1].number}
        messages.success(request, text)
        return _to_version(earlier[-1])

    def _shown(
        self, request: HttpRequest, version: ForecastVersion, form: ReasonForm, status: int = 200
    ) -> HttpResponse:
        earlier = replaced_by(version)
        context = _context(version, form=form, others=earlier, effect=earlier[-1] if earlier else None)
        return render(request, "forecasts/roll_back.html", context, status=status)


class Archive(PageMixin, View):
    """Take a version out of use."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = archive_version(version_id=pk, actor=cast("User", request.user))
        messages.success(request, _("Version %(number)d is archived.") % {"number": version.number})
        return _to_version(version)

    def get_refused_url(self) -> str:
        return reverse("forecasts:forecasts-page")


class Proposals(PageMixin, View):
    """Coefficients of special days that the history suggests, as a part of the special-days page."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(code)
        found = propose_coefficients(queue=queue, actor=cast("User", request.user))
        return render(request, "forecasts/proposals.html", {"queue": queue, "proposals": found})


def _context(version: ForecastVersion, **more: Any) -> dict[str, Any]:
    zone = zone_of(version.queue)
    return {
        "section": "forecast",
        "version": version,
        "queue": version.queue,
        "zone": zone,
        "first": version.start.astimezone(zone).date(),
        "last": (version.end - MOMENT).astimezone(zone).date(),
        "stale": selectors.staleness([version])[version.pk],
    } | more


def _to_version(version: ForecastVersion) -> HttpResponse:
    address = reverse("forecasts:forecast-page", args=[version.queue.code])
    return HttpResponseRedirect(f"{address}?version={version.pk}")
