"""The jobs as a file."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.jobs import selectors
from apps.jobs.choices import JobState

if TYPE_CHECKING:
    from django.http import HttpRequest


class JobsDownload(DownloadView):
    """The jobs that the reader may see, newest first, of the state in the address or of all."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        rows = selectors.visible_jobs(request.user).select_related("created_by").order_by("-created_at")
        state = request.GET.get("state", "")
        return Table(
            name=_("Jobs"),
            columns=[
                Column(_("Job"), attrgetter("title"), width=50),
                Column(_("Kind"), attrgetter("kind")),
                Column(_("State"), lambda job: job.get_state_display(), width=14),
                Column(_("Progress"), attrgetter("progress"), Kind.SHARE, digits=0),
                Column(_("Reason"), lambda job: str(job.reason) or None, width=50),
                Column(_("Started by"), attrgetter("created_by")),
                Column(_("Created"), attrgetter("created_at"), Kind.MOMENT),
                Column(_("Begun"), attrgetter("started_at"), Kind.MOMENT),
                Column(_("Ended"), attrgetter("finished_at"), Kind.MOMENT),
                Column(_("Attempts"), attrgetter("attempts"), Kind.INTEGER),
            ],
            rows=(rows.filter(state=state) if state in JobState.values else rows).iterator(2_000),
        )
