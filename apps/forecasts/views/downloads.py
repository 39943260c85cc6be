"""What of a forecast leaves as a file: versions, intervals, accuracy."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.zones import to_datetime
from apps.forecasts import selectors
from apps.forecasts.choices import model_phrase
from apps.organization.selectors import queue_by_code

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.forecasts.models import ForecastVersion


class VersionsDownload(DownloadView):
    """The forecast versions of a queue."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        queue = queue_by_code(place["code"])
        return Table(
            name=_("Forecast versions"),
            file_name=_("Forecast versions %(queue)s") % {"queue": queue.name},
            about=[(_("Queue"), queue.name)],
            columns=[
                Column(_("Version"), attrgetter("number"), Kind.INTEGER),
                Column(_("State"), lambda version: version.get_state_display()),
                Column(_("From"), attrgetter("start"), Kind.MOMENT),
                Column(_("To"), attrgetter("end"), Kind.MOMENT),
                Column(_("Model"), lambda version: model_phrase(version.model)),
                Column(_("Why this model"), attrgetter("chosen_because"), width=60),
                Column(_("Seconds"), attrgetter("seconds"), Kind.NUMBER, digits=1),
                Column(_("By"), attrgetter("created_by")),
                Column(_("At"), attrgetter("created_at"), Kind.MOMENT),
            ],
            rows=selectors.versions_of(queue.pk),
            zone=queue.time_zone,
        )


class PointsDownload(DownloadView):
    """The intervals of a forecast version."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        version = selectors.version_by_id(place["pk"])
        points = selectors.forecast_points(version.pk)
        columns = (points.calls, points.lower, points.upper, points.aht_s)
        return Table(
            name=_("Forecast"),
            file_name=_file_name(_("Forecast"), version),
            about=_about(version),
            columns=[
                Column(_("Interval start"), itemgetter(0), Kind.MOMENT),
                Column(_("Contacts"), itemgetter(1), Kind.NUMBER),
                Column(_("Lower bound"), itemgetter(2), Kind.NUMBER),
                Column(_("Upper bound"), itemgetter(3), Kind.NUMBER),
                Column(_("AHT, s"), itemgetter(4), Kind.NUMBER, digits=1),
            ],
            rows=zip(map(to_datetime, points.starts), *(values.tolist() for values in columns), strict=True),
            zone=version.queue.time_zone,
        )


class AccuracyDownload(DownloadView):
    """The back-test of every model that a version compared."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        version = selectors.version_by_id(place["pk"])
        return Table(
            name=_("Accuracy"),
            file_name=_file_name(_("Accuracy"), version),
            about=_about(version),
            columns=[
                Column(_("Model"), lambda row: model_phrase(row.model), width=36),
                Column(_("Chosen"), attrgetter("is_chosen"), Kind.FLAG),
                Column("WAPE", attrgetter("wape"), Kind.SHARE),
                Column("MAPE", attrgetter("mape"), Kind.SHARE),
                Column(_("Bias"), attrgetter("bias"), Kind.SHARE),
                Column("MASE", attrgetter("mase"), Kind.NUMBER),
                Column(_("Band held"), attrgetter("coverage"), Kind.SHARE),
            ],
            rows=selectors.accuracy_rows(version),
        )


def _about(version: ForecastVersion) -> list[tuple[str, str]]:
    return [
        (_("Queue"), version.queue.name),
        (_("Version"), f"{version.number}, {version.get_state_display()}"),
        (_("Model"), str(model_phrase(version.model))),
    ]


def _file_name(name: str, version: ForecastVersion) -> str:
    return f"{name} {version.queue.name} {version.number}"
