"""What the desk of forecasts shows, as files: two versions compared, their accuracy, adjustments."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.forecasts import selectors
from apps.forecasts.choices import Measure, Operation
from apps.forecasts.services.proposing import propose_coefficients
from apps.forecasts.views.compare import asked_pair
from apps.organization.selectors import queue_by_code

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.forecasts.models import ForecastVersion


class CompareDownload(DownloadView):
    """Contacts of two versions and of fact, by day or by week."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        one, other = _pair(request, place["code"])
        found = selectors.compare_versions(one, other, weekly=request.GET.get("by") == "week")
        zone = one.queue.time_zone
        return Table(
            name=_("Compare versions"),
            file_name=_file_name(_("Compare versions"), one, other),
            about=_about(one),
            columns=[
                Column(f"{_('From')}, {zone}", attrgetter("first"), Kind.DATE, width=18),
                Column(f"{_('To')}, {zone}", attrgetter("last"), Kind.DATE, width=18),
                Column(_("Fact"), attrgetter("fact"), Kind.NUMBER),
                Column(_("Version %(number)d") % {"number": one.number}, attrgetter("one"), Kind.NUMBER),
                Column(_("Version %(number)d") % {"number": other.number}, attrgetter("other"), Kind.NUMBER),
                Column(_("Difference"), attrgetter("difference"), Kind.NUMBER),
                Column(_("Difference, %"), attrgetter("change"), Kind.SHARE),
            ],
            rows=found.rows,
            foot=[found.total],
        )


class FactAccuracyDownload(DownloadView):
    """How two versions did against the recorded fact."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        one, other = _pair(request, place["code"])
        found = selectors.compare_versions(one, other)
        figures = [("WAPE", "wape"), ("MAPE", "mape"), (_("Bias"), "bias")]
        return Table(
            name=_("Accuracy against fact"),
            file_name=_file_name(_("Accuracy against fact"), one, other),
            about=_about(one),
            columns=[
                Column(_("Version"), itemgetter(0), Kind.INTEGER),
                *(Column(label, _figure(name), Kind.SHARE) for label, name in figures),
                Column("MASE", _figure("mase"), Kind.NUMBER),
                Column(_("Intervals compared"), _figure("intervals"), Kind.INTEGER),
            ],
            rows=[(one.number, found.one), (other.number, found.other)],
        )


class ProposalsDownload(DownloadView):
    """Coefficients of special days that the history suggests, a row for each day on which one was seen."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        found = propose_coefficients(queue=queue, actor=cast("User", request.user))
        return Table(
            name=_("Coefficients by history"),
            file_name=f"{_('Coefficients by history')} {queue.name}",
            about=[(_("Queue"), queue.name), (_("Clock"), queue.time_zone)],
            columns=[
                Column(_("Name"), lambda row: row[0].name, width=32),
                Column(_("Day"), itemgetter(1), Kind.DATE),
                Column(_("Seen: share of an ordinary day"), itemgetter(2), Kind.SHARE),
                Column(_("Coefficient (median)"), lambda row: row[0].coefficient, Kind.NUMBER, digits=3),
                Column(_("Comes next"), lambda row: row[0].next_day, Kind.DATE),
            ],
            rows=((proposal, day, share) for proposal in found for day, share in proposal.seen),
        )


class AdjustmentsDownload(DownloadView):
    """What a person laid over the statistical base of a version, in order."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        version = selectors.version_by_id(place["pk"])
        return Table(
            name=_("Adjustments"),
            file_name=f"{_('Adjustments')} {version.queue.name} {version.number}",
            about=[*_about(version), (_("Version"), str(version.number))],
            columns=[
                *(
                    Column(label, _moment(name), Kind.MOMENT, width=20)
                    for label, name in ((_("From"), "start"), (_("To"), "end"))
                ),
                Column(_("What"), lambda row: Measure(row["measure"]).label),
                Column(_("How"), lambda row: Operation(row["operation"]).label),
                Column(_("By or to"), lambda row: float(row["value"]), Kind.NUMBER, digits=3),
                Column(_("Reason"), itemgetter("reason"), width=40),
                Column(_("By"), lambda row: row.get("by")),
                Column(_("At"), _moment("at"), Kind.MOMENT, width=20),
            ],
            rows=version.adjustments,
            zone=version.queue.time_zone,
        )


def _pair(request: HttpRequest, code: str) -> tuple[ForecastVersion, ForecastVersion]:
    require(request.user, Capability.VIEW_PLANNING)
    pair = asked_pair(request, queue_by_code(code))
    if pair is None:
        raise NotFoundError(_("Name two versions."))
    return pair


def _figure(name: str) -> Any:
    read = attrgetter(name)
    return lambda pair: read(pair[1])


def _moment(name: str) -> Any:
    return lambda row: dt.datetime.fromisoformat(row[name])


def _about(version: ForecastVersion) -> list[tuple[str, str]]:
    return [(_("Queue"), version.queue.name)]


def _file_name(name: str, one: ForecastVersion, other: ForecastVersion) -> str:
    return f"{name} {one.queue.name} {one.number} {other.number}"
