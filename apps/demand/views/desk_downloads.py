"""What the desk of history shows, as files: outliers, their days, corrections, special days."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.exporting import Column, Kind, Table
from apps.core.templatetags.figures import minutes_clock
from apps.core.web.downloads import DownloadView
from apps.demand.choices import CorrectionAction
from apps.demand.models.special_days import DAY_MINUTES
from apps.demand.selectors import analyse, combined_days, corrections_of, explain, find_outliers, history_span
from apps.demand.views.outliers import day_rows, least_of, shown_span
from apps.demand.views.special_days import AHEAD, special_days_of
from apps.organization.selectors import queue_by_code, zone_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.core.web.spans import DaySpan
    from apps.demand.models import HistoryCorrection, SpecialDay
    from apps.demand.types import Outlier
    from apps.organization.models import Queue


class OutliersDownload(DownloadView):
    """The outliers of the days in the address, beyond the fence in the address."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        span = _span(request, queue)
        found = find_outliers(queue, span.first, span.end, least=least_of(request))
        if request.GET.get("show") == "open":
            found = [outlier for outlier in found if outlier.correction is None]
        return Table(
            name=_("Outliers"),
            file_name=f"{_('Outliers')} {queue.name} {span.first}",
            about=[(_("Queue"), queue.name)],
            columns=[
                Column(_("Day"), attrgetter("day"), Kind.DATE),
                Column(_("Whole day"), attrgetter("is_day"), Kind.FLAG),
                Column(_("From"), attrgetter("span.start"), Kind.MOMENT, width=20),
                Column(_("To"), attrgetter("span.end"), Kind.MOMENT, width=20),
                Column(_("Contacts"), attrgetter("actual"), Kind.NUMBER, digits=0),
                Column(_("Usual"), attrgetter("expected"), Kind.NUMBER, digits=0),
                Column(_("Why it is one"), explain, width=70),
                Column(_("Decision"), _decision, width=30),
            ],
            rows=found,
            zone=queue.time_zone,
        )


class OutlierDaysDownload(DownloadView):
    """Contacts of each day as recorded and corrected, with what is ordinary."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        span = _span(request, queue)
        analysis = analyse(queue, span.first, span.end)
        names = (_("As recorded"), _("Corrected"), _("Ordinary from"), _("Ordinary to"))
        return Table(
            name=_("Corrected history by day"),
            file_name=f"{_('Corrected history by day')} {queue.name} {span.first}",
            about=[(_("Queue"), queue.name)],
            columns=[
                Column(f"{_('Day')}, {queue.time_zone}", itemgetter(0), Kind.DATE, width=18),
                *(
                    Column(name, itemgetter(index), Kind.NUMBER, width=14, digits=0)
                    for index, name in enumerate(names, start=1)
                ),
            ],
            rows=day_rows(analysis, span) if analysis else [],
        )


class CorrectionsDownload(DownloadView):
    """Every correction of a queue's history, newest first."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        return Table(
            name=_("Corrections"),
            file_name=f"{_('Corrections')} {queue.name}",
            about=[(_("Queue"), queue.name)],
            columns=[
                Column(_("No."), attrgetter("pk"), Kind.INTEGER),
                Column(_("From"), attrgetter("start"), Kind.MOMENT, width=20),
                Column(_("To"), attrgetter("end"), Kind.MOMENT, width=20),
                Column(_("What"), _what_was_done, width=36),
                Column(_("Undone"), attrgetter("is_undone"), Kind.FLAG),
                Column(_("Reason"), attrgetter("reason"), width=50),
                Column(_("By"), attrgetter("created_by")),
                Column(_("At"), attrgetter("created_at"), Kind.MOMENT, width=20),
            ],
            rows=corrections_of(queue.pk),
            zone=zone_of(queue).key,
        )


class SpecialDaysDownload(DownloadView):
    """The special days that the page shows by its filters."""

    def table(self, request: HttpRequest, **place: Any) -> Table:  # noqa: ARG002 - the shape of every download
        require(request.user, Capability.VIEW_PLANNING)
        return Table(
            name=_("Special days"),
            columns=[
                Column(_("Name"), attrgetter("name"), width=32),
                Column(_("Kind"), lambda row: row.get_kind_display()),
                Column(_("From"), attrgetter("first_day"), Kind.DATE),
                Column(_("To"), attrgetter("last_day"), Kind.DATE),
                Column(_("Hours, clock of the queue"), _hours, width=16),
                Column(_("Coefficient"), attrgetter("coefficient"), Kind.NUMBER, digits=3),
                Column(_("For"), _whom, width=32),
                Column(_("Note"), attrgetter("note"), width=40),
                Column(_("By"), attrgetter("created_by")),
            ],
            rows=special_days_of(request)[2],
        )


class CombinedDaysDownload(DownloadView):
    """What the special days of a queue come to where they fall together."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        since = special_days_of(request)[0]
        return Table(
            name=_("Combined special days"),
            file_name=f"{_('Combined special days')} {queue.name}",
            about=[(_("Queue"), queue.name)],
            columns=[
                Column(_("From"), attrgetter("first_day"), Kind.DATE),
                Column(_("To"), attrgetter("last_day"), Kind.DATE),
                Column(_("Special days"), lambda row: ", ".join(row.names), width=50),
                Column(_("Lowest coefficient"), attrgetter("low"), Kind.NUMBER, digits=3),
                Column(_("Highest coefficient"), attrgetter("high"), Kind.NUMBER, digits=3),
            ],
            rows=combined_days(queue, since, since + AHEAD),
        )


def _span(request: HttpRequest, queue: Queue) -> DaySpan:
    known = history_span(queue.pk)
    if known is None:
        raise NotFoundError(_("There is no history of this queue yet."))
    return shown_span(request, known[1].astimezone(zone_of(queue)).date())


def _decision(outlier: Outlier) -> str:
    held = outlier.correction
    return str(CorrectionAction(held.action).label) if held else _("not yet decided")


def _what_was_done(row: HistoryCorrection) -> str:
    if row.undoes_id:
        return _("No. %(number)s undone") % {"number": row.undoes_id}
    return str(row.get_action_display())


def _hours(row: SpecialDay) -> str:
    if row.from_minute == 0 and row.to_minute == DAY_MINUTES:
        return _("whole day")
    end = "24:00" if row.to_minute == DAY_MINUTES else minutes_clock(row.to_minute)
    return f"{minutes_clock(row.from_minute)}–{end}"


def _whom(row: SpecialDay) -> str:
    if row.queue:
        return row.queue.name
    if row.calendar_code:
        return _("queues of the calendar %(code)s") % {"code": row.calendar_code}
    return _("all queues")
