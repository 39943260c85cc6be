"""The tables of the dashboard as files: whole, where the page shows the first few."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.forecasts.choices import model_phrase
from apps.reports.selectors import coverage, last_imports, latest_accuracy

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from apps.reports.types import LastImport


class LastImportsDownload(DownloadView):
    """The newest import of every queue."""

    def table(self, request: HttpRequest, **place: Any) -> Table:  # noqa: ARG002 - the shape of every download
        require(request.user, Capability.VIEW_PLANNING)
        return Table(
            name=_("Last imports"),
            columns=[
                Column(_("Queue"), attrgetter("queue.name"), width=32),
                Column(_("State"), _of_batch(lambda batch: batch.get_state_display())),
                Column(_("Imported"), _of_batch(attrgetter("created_at")), Kind.MOMENT, width=20),
                Column(_("Loaded"), _of_batch(attrgetter("rows_loaded")), Kind.INTEGER),
                Column(_("Refused"), _of_batch(attrgetter("rows_refused")), Kind.INTEGER),
                Column(_("History up to"), _of_batch(attrgetter("last_start")), Kind.MOMENT, width=20),
            ],
            rows=last_imports(),
        )


class LatestAccuracyDownload(DownloadView):
    """The back-test of every queue's newest active forecast."""

    def table(self, request: HttpRequest, **place: Any) -> Table:  # noqa: ARG002 - the shape of every download
        require(request.user, Capability.VIEW_PLANNING)
        return Table(
            name=_("Accuracy of the latest forecasts"),
            columns=[
                Column(_("Queue"), attrgetter("version.queue.name"), width=32),
                Column(_("Version"), attrgetter("version.number"), Kind.INTEGER),
                Column(_("Model"), lambda row: model_phrase(row.version.model), width=36),
                Column("WAPE", attrgetter("wape"), Kind.SHARE),
                Column(_("Week before"), attrgetter("naive_wape"), Kind.SHARE),
                Column(_("Bias"), attrgetter("bias"), Kind.SHARE),
            ],
            rows=latest_accuracy(),
        )


class CoverageDownload(DownloadView):
    """Required and scheduled agent-hours of the coming weeks, by day."""

    def table(self, request: HttpRequest, **place: Any) -> Table:  # noqa: ARG002 - the shape of every download
        require(request.user, Capability.VIEW_PLANNING)
        found = coverage()
        return Table(
            name=_("Cover of the coming weeks"),
            columns=[
                Column(f"{_('Day')}, {found.zone}", attrgetter("date"), Kind.DATE, width=18),
                Column(_("Required, agent-hours"), attrgetter("required_s"), Kind.HOURS),
                Column(_("Scheduled, agent-hours"), attrgetter("scheduled_s"), Kind.HOURS),
                Column(_("Under-cover, agent-hours"), attrgetter("under_s"), Kind.HOURS),
                Column(_("Over-cover, agent-hours"), attrgetter("over_s"), Kind.HOURS),
            ],
            rows=found.days,
        )


def _of_batch(read: Callable[[Any], Any]) -> Callable[[LastImport], Any]:
    """Read a fact of the import; nothing where there was none."""
    return lambda row: None if row.batch is None else read(row.batch)
