"""Worked time for 1C: what was sent, what nobody knows, and what a person decides about it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, ListView

from apps.accounts.policies import Capability, may, require
from apps.core.errors import DomainError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.pages import PageMixin
from apps.core.web.spans import read_day
from apps.integrations.choices import System
from apps.integrations.models import Connection, FactSend
from apps.integrations.selectors.fact_sends import STATES, TO_DECIDE, facts_seen_by, listed_facts, planned_ms
from apps.integrations.services.fact_sends import Decision, decide
from apps.integrations.wire.onec.facts import expected_codes
from apps.integrations.wire.onec.split import Hours

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from apps.accounts.models import User

PER_PAGE = 50
FILTER_CHARS = 80
HOUR_MS = 3_600_000
FILTERS = ("connection", "state", "name", "day")


def chosen_filters(request: HttpRequest) -> dict[str, str]:
    """Give the filters of the address; a day that is none is refused."""
    chosen = {name: request.GET.get(name, "").strip()[:FILTER_CHARS] for name in FILTERS}
    if chosen["day"]:
        read_day(chosen["day"], dt.date.min)
    return chosen


class FactsPage(PageMixin, ListView[FactSend]):
    """Facts, newest day first."""

    template_name = "integrations/onec_facts.html"
    context_object_name = "facts"
    paginate_by = PER_PAGE
    extra_context = {"section": "integrations", "tab": "onec", "onec_tab": "facts"}

    def get_queryset(self) -> QuerySet[FactSend]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        return listed_facts(self.request.user, **chosen_filters(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs,
            chosen=chosen_filters(self.request),
            states=STATES.items(),
            connections=Connection.objects.filter(system=System.ONEC).values_list("code", "name"),
            labels=STATES,
        )


class FactPage(PageMixin, DetailView[FactSend]):
    """One fact: what was worked, what 1C would make of it, and what is to be decided."""

    template_name = "integrations/onec_fact.html"
    context_object_name = "fact"
    extra_context = {"section": "integrations", "tab": "onec", "onec_tab": "facts"}

    def get_queryset(self) -> QuerySet[FactSend]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        return facts_seen_by(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        fact = self.object
        zone = ZoneInfo(fact.time_zone)
        plan_ms = planned_ms(fact)
        expected = expected_codes(plan_ms, Hours(fact.day_ms, fact.night_ms))
        return super().get_context_data(
            **kwargs,
            zone=zone,
            periods=[
                [dt.datetime.fromisoformat(text).astimezone(zone) for text in period]
                for period in fact.periods
            ],
            plan_h=plan_ms / HOUR_MS,
            fact_h=(fact.day_ms + fact.night_ms) / HOUR_MS,
            expected=[(code, length_ms / HOUR_MS) for code, length_ms in expected.items()],
            state=fact.shown,  # type: ignore[attr-defined]
            label=STATES[fact.shown],  # type: ignore[attr-defined]
            may_decide=may(self.request.user, Capability.OPERATE_INTEGRATIONS) and fact.shown in TO_DECIDE,  # type: ignore[attr-defined]
        )


class DecideFact(PageMixin, View):
    """What a person decides about a fact, with the reason."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        get_object_or_404(facts_seen_by(request.user), pk=pk)
        wanted = request.POST.get("decision", "")
        if wanted not in {one.value for one in Decision}:
            raise DomainError(_("Choose what to do."))
        reason = request.POST.get("reason", "")
        decide(pk, decision=Decision(wanted), reason=reason, actor=cast("User", request.user))
        messages.success(request, _("Your decision is kept."))
        return HttpResponseRedirect(self.get_refused_url())

    def get_refused_url(self) -> str:
        return reverse("integrations:fact-page", args=[self.kwargs["pk"]])


class FactsDownload(DownloadView):
    """The facts as a file, as the filters in the address say."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        return Table(
            name=_("Worked time for 1C"),
            columns=[
                Column(_("Personnel number"), lambda fact: fact.employee.personnel_number, width=14),
                Column(_("Full name"), lambda fact: str(fact.employee), width=36),
                Column(_("Day"), lambda fact: fact.shift_date, Kind.DATE),
                Column(_("By day, h"), lambda fact: fact.day_ms / HOUR_MS, Kind.NUMBER),
                Column(_("By night, h"), lambda fact: fact.night_ms / HOUR_MS, Kind.NUMBER),
                Column(_("State"), lambda fact: str(STATES[fact.shown]), width=24),
                Column(_("Document in 1C"), lambda fact: fact.document or None, width=20),
                Column(_("What was said"), lambda fact: fact.message or str(fact.reason) or None, width=50),
                Column(_("Initiator"), lambda fact: fact.initiator_name, width=30),
                Column(_("Sent at"), lambda fact: fact.sent_at, Kind.MOMENT),
                Column(_("Decided by"), lambda fact: fact.decided_by, width=24),
                Column(_("Why decided so"), lambda fact: fact.decision or None, width=40),
            ],
            rows=listed_facts(request.user, **chosen_filters(request)).iterator(2_000),
        )
