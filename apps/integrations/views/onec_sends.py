"""Published schedules in 1C: people by months, what became of a run, and the wish to send."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, may, require
from apps.core.errors import DomainError, NotFoundError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.numbers import read_number
from apps.core.web.pages import PageMixin
from apps.integrations.choices import System
from apps.integrations.models import Connection, Run
from apps.integrations.selectors.month_contents import Peer, next_month
from apps.integrations.selectors.runs import visible_runs
from apps.integrations.selectors.send_results import result_of
from apps.integrations.selectors.send_states import (
    STATES,
    MonthCell,
    SendFilters,
    cells_of,
    counts_of,
    months_from,
    people_of_sends,
    people_to_repeat,
)
from apps.integrations.services.runs import start_run
from apps.integrations.services.schedule_sends import PURPOSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse, QueryDict

    from apps.accounts.models import User
    from apps.organization.models import Employee

PER_PAGE = 50
MONTHS_SHOWN = 3
FILTER_CHARS = 80
MOST_CHOSEN = 200
CHANGED, REPEAT, CHOSEN = "changed", "repeat", "chosen"


@dataclass(frozen=True)
class PersonRow:
    """A line of the page."""

    employee: Employee
    cells: list[MonthCell]


def onec_connections() -> list[Connection]:
    return list(Connection.objects.filter(system=System.ONEC).order_by("name", "pk"))


def chosen_connection(data: QueryDict) -> Connection:
    """Give the connection that the address names, else the first; `NotFoundError` where there is none."""
    code = data.get("connection", "")
    known = onec_connections()
    found = next((one for one in known if one.code == code), None) if code else next(iter(known), None)
    if found is None:
        raise NotFoundError(_("There is no connection to 1C yet: an administrator makes one."))
    return found


def read_filters(data: QueryDict) -> SendFilters:
    """Read what the address asks for; from the present month when it names none."""
    connection = chosen_connection(data)
    text = data.get("month", "")
    try:
        first = dt.date.fromisoformat(f"{text[:7]}-01") if text else Peer.of(connection).current_month
    except ValueError as error:
        raise DomainError(_("%(text)s is not a month.") % {"text": text[:20]}) from error
    state = data.get("state", "")
    name = data.get("name", "").strip()[:FILTER_CHARS]
    return SendFilters(connection, months_from(first, MONTHS_SHOWN), state if state in STATES else "", name)


class SendsPage(PageMixin, View):
    """People by months, with what 1C holds of each."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        context: dict[str, Any] = {"section": "integrations", "tab": "onec", "onec_tab": "schedules"}
        if not onec_connections():
            return render(request, "integrations/no_onec.html", context)
        filters = read_filters(request.GET)
        page = Paginator(people_of_sends(request.user, filters), PER_PAGE).get_page(request.GET.get("page"))
        people = list(page.object_list)
        cells = cells_of(filters, [person.pk for person in people])
        counts = counts_of(request.user, filters)
        first = filters.months[0]
        context |= {
            "filters": filters,
            "connections": onec_connections(),
            "states": STATES.items(),
            "counts": [(key, label, counts[key]) for key, label in STATES.items() if counts[key]],
            "rows": [PersonRow(person, cells[person.pk]) for person in people],
            "page_obj": page,
            "previous": (first - dt.timedelta(days=1)).replace(day=1),
            "following": next_month(first),
            "may_send": may(request.user, Capability.OPERATE_INTEGRATIONS),
            "is_past": filters.months[-1] < Peer.of(filters.connection).current_month,
        }
        return render(request, "integrations/onec_sends.html", context)


class SendsDownload(DownloadView):
    """People's months, a line each."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        filters = read_filters(request.GET)
        return Table(
            name=_("Schedules in 1C"),
            file_name=f"{_('Schedules in 1C')} {filters.months[0]:%Y-%m}",
            columns=[
                Column(_("Personnel number"), lambda line: line[0].personnel_number, width=14),
                Column(_("Full name"), lambda line: str(line[0]), width=36),
                Column(_("Month"), lambda line: f"{line[1].month:%Y-%m}", width=10),
                Column(_("State"), lambda line: line[1].label, width=26),
                Column(_("What was said"), lambda line: line[1].message or None, width=60),
                Column(_("Hours in 1C"), lambda line: line[1].hours, Kind.NUMBER),
                Column(_("Sent at"), lambda line: line[1].sent_at, Kind.MOMENT),
            ],
            rows=_lines(request, filters),
        )


def _lines(request: HttpRequest, filters: SendFilters) -> Iterator[tuple[Employee, MonthCell]]:
    people = list(people_of_sends(request.user, filters))
    for start in range(0, len(people), 1000):
        part = people[start : start + 1000]
        cells = cells_of(filters, [person.pk for person in part])
        yield from ((person, cell) for person in part for cell in cells[person.pk])


class SendSchedules(PageMixin, View):
    """Start a run that sends: what changed, what did not go through, or chosen people again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        filters = read_filters(request.POST)
        options: dict[str, Any] = {"first": f"{filters.months[0]:%Y-%m}", "months": len(filters.months)}
        what = request.POST.get("what", CHANGED)
        if what == REPEAT:
            options["employees"] = people_to_repeat(filters)
        elif what == CHOSEN:
            chosen = request.POST.getlist("employee")[:MOST_CHOSEN]
            options |= {"employees": [read_number(text) for text in chosen], "again": True}
        if options.get("employees") == []:
            raise DomainError(_("Nobody was chosen."))
        run = start_run(filters.connection, PURPOSE, actor=cast("User", request.user), options=options)
        messages.success(request, _("The schedules are on their way to 1C."))
        return HttpResponseRedirect(reverse("integrations:send-run-page", args=[run.pk]))

    def get_refused_url(self) -> str:
        return reverse("integrations:sends-page")


class SendRunPage(PageMixin, View):
    """What became of a run: how many of each outcome, and each person with what 1C said."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = _run(request, pk)
        result = result_of(run)
        outcome = request.GET.get("outcome", "")
        people = [person for person in result.people if not outcome or person.outcome == outcome]
        context = {
            "section": "integrations",
            "tab": "onec",
            "onec_tab": "schedules",
            "run": run,
            "counts": [(name, count) for name, count in sorted(result.counts.items())],
            "outcome": outcome,
            "page_obj": Paginator(people, PER_PAGE).get_page(request.GET.get("page")),
            "is_open": bool(result.counts["waiting"]),
        }
        return render(request, "integrations/onec_send_run.html", context)


class SendRunDownload(DownloadView):
    """The people of a run with what became of them."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        run = _run(request, place["pk"])
        outcome = request.GET.get("outcome", "")
        people = [person for person in result_of(run).people if not outcome or person.outcome == outcome]
        return Table(
            name=_("Result of sending"),
            file_name=f"{_('Result of sending')} {date_format(run.began_at, 'Y-m-d')}",
            columns=[
                Column(_("Personnel number"), lambda person: person.personnel_number, width=14),
                Column(_("Full name"), lambda person: person.name, width=36),
                Column(_("Id in 1C"), lambda person: person.agent_id, width=38),
                Column(_("Outcome"), lambda person: person.label, width=20),
                Column(_("What was said"), lambda person: person.message or None, width=60),
            ],
            rows=people,
        )


def _run(request: HttpRequest, pk: int) -> Run:
    require(request.user, Capability.VIEW_INTEGRATIONS)
    runs = visible_runs(request.user).filter(purpose=PURPOSE).select_related("connection", "actor")
    return get_object_or_404(runs, pk=pk)
