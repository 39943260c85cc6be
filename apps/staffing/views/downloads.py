"""The requirement as a file."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.zones import to_datetime
from apps.staffing.selectors import requirement_by_id, requirement_points

if TYPE_CHECKING:
    from django.http import HttpRequest


class PointsDownload(DownloadView):
    """The intervals of a requirement version."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        version = requirement_by_id(place["pk"])
        points = requirement_points(version.pk)
        columns = (points.load_erl, points.positions, points.required)
        return Table(
            name=_("Requirement"),
            file_name=f"{_('Requirement')} {version.queue.name} {version.number}",
            about=[
                (_("Queue"), version.queue.name),
                (_("Version"), f"{version.number}, {version.get_state_display()}"),
            ],
            columns=[
                Column(_("Interval start"), itemgetter(0), Kind.MOMENT),
                Column(_("Load, erlang"), itemgetter(1), Kind.NUMBER),
                Column(_("Agents on line"), itemgetter(2), Kind.INTEGER),
                Column(_("Required agents"), itemgetter(3), Kind.INTEGER),
            ],
            rows=zip(map(to_datetime, points.starts), *(values.tolist() for values in columns), strict=True),
            zone=version.queue.time_zone,
        )
