"""The jobs as a file."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.jobs import selectors
from apps.jobs.views.pages import chosen_filters

if TYPE_CHECKING:
    from django.http import HttpRequest


class JobsDownload(DownloadView):
    """The jobs that the reader may see, newest first, as the filters in the address say."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        rows = selectors.listed_jobs(request.user, **chosen_filters(request)).defer(*selectors.HEAVY)
        return Table(
            name=_("Jobs"),
            columns=[
                Column(_("Job"), attrgetter("title"), width=50),
                Column(_("Kind"), attrgetter("kind_label")),
                Column(_("State"), lambda job: job.get_state_display(), width=14),
                Column(_("Progress"), attrgetter("progress"), Kind.SHARE, digits=0),
                Column(_("Reason"), lambda job: str(job.reason) or None, width=50),
                Column(_("Started by"), attrgetter("created_by")),
                Column(_("Created"), attrgetter("created_at"), Kind.MOMENT),
                Column(_("Begun"), attrgetter("started_at"), Kind.MOMENT),
                Column(_("Ended"), attrgetter("finished_at"), Kind.MOMENT),
                Column(_("Attempts"), attrgetter("attempts"), Kind.INTEGER),
            ],
            rows=rows.iterator(2_000),
        )
