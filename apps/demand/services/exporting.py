"""Recorded history as a table; the whole of it, which may be long, as a file that a job makes."""

from __future__ import annotations

import datetime as dt
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.policies import Capability, require
from apps.core import zones
from apps.core.errors import NotFoundError
from apps.core.exporting import MOST_ROWS, Column, Kind, Table, to_xlsx, too_many_rows
from apps.core.phrases import Phrase
from apps.demand.models import HistoryExport
from apps.demand.selectors import history_span
from apps.demand.selectors.recorded import has_more_intervals, recorded_intervals
from apps.demand.types import UNKNOWN
from apps.jobs.services import start as start_job
from apps.organization.selectors import queue_by_id, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apps.accounts.models import User
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext
    from apps.organization.models import Queue

EXPORT_KIND = "demand.export"
EXPORTS_KEPT = dt.timedelta(days=7)
ROWS_BETWEEN_LOOKS = 2_000
_WRITING_SHARE = 0.95  # of the progress bar


def history_columns() -> list[Column]:
    """Give the columns of history; an import knows every heading, in both languages."""
    headings = [
        _("Offered contacts"),
        _("Handled"),
        _("Abandoned"),
        _("Handle time, s"),
        _("Wrap-up, s"),
        _("Answered within SL"),
    ]
    return [
        Column(_("Interval start"), itemgetter(0), Kind.MOMENT, width=20),
        Column(_("Interval, min"), itemgetter(1), Kind.INTEGER),
        *(
            Column(heading, _known(place), Kind.INTEGER, width=14)
            for place, heading in enumerate(headings, start=2)
        ),
    ]


def history_table(
    queue: Queue,
    start: dt.datetime,
    end: dt.datetime,
    after_rows: Callable[[float], None] = lambda _fraction: None,
    *,
    most_rows: int = MOST_ROWS,
) -> Table:
    """Give the recorded intervals from `start` up to `end`, on the queue's clock.

    `after_rows` is told the share of the rows that was written, and may raise to stop. More than `most_rows`
    are refused (`TooManyRowsError`) by a count, before any of them is read.
    """
    if has_more_intervals(queue.pk, start, end, most_rows):
        raise too_many_rows(most_rows)
    zone = zone_of(queue)
    first, last = start.astimezone(zone).date(), (end - dt.timedelta(seconds=1)).astimezone(zone).date()
    return Table(
        name=_("Interval history"),
        file_name=f"{_('History')} {queue.name} {first} {last}",
        columns=history_columns(),
        rows=_intervals(queue, start, end, after_rows),
        zone=queue.time_zone,
        most_rows=most_rows,
    )


def request_export(*, queue_id: int, actor: User | None) -> Job:
    """Start the job that writes the whole history of a queue; `NotFoundError` without history."""
    require(actor, Capability.VIEW_PLANNING)
    queue = queue_by_id(queue_id)
    if history_span(queue.pk) is None:
        raise NotFoundError(Phrase(gettext_noop("There is no history of this queue yet.")))
    with transaction.atomic():
        return start_job(
            EXPORT_KIND,
            params={"queue_id": queue.pk},
            actor=actor,
            title=Phrase(gettext_noop("History of %(queue)s as a file"), {"queue": str(queue)}),
            queue="bulk",
            dedupe_key=f"export:{queue.pk}:{actor.pk if actor else ''}",
        )


def make_export(*, job: JobContext, actor: User | None) -> HistoryExport:
    """Write the file and conclude the job with the address of its download."""
    require(actor, Capability.VIEW_PLANNING)
    queue = queue_by_id(job.params["queue_id"])
    known = history_span(queue.pk)
    if known is None:
        raise NotFoundError(Phrase(gettext_noop("There is no history of this queue yet.")))

    def after_rows(fraction: float) -> None:
        job.check_cancelled()
        job.progress(_WRITING_SHARE * fraction, Phrase(gettext_noop("Writing the file")))

    table = history_table(queue, known[0], known[1] + dt.timedelta(hours=1), after_rows)
    content = to_xlsx(table)
    with transaction.atomic():
        made = HistoryExport.objects.create(
            file_name=f"{table.file_stem}.xlsx", content=content, created_by=actor
        )
        job.conclude({"url": reverse("demand:history-file", args=[made.pk]), "bytes": len(content)})
    return made


def _known(place: int) -> Callable[[Any], int | None]:
    return lambda row: None if row[place] == UNKNOWN else row[place]


def _intervals(
    queue: Queue, start: dt.datetime, end: dt.datetime, after_rows: Callable[[float], None]
) -> Iterator[tuple[Any, ...]]:
    columns = recorded_intervals(queue.pk, start, end)
    size = columns["start"].size
    starts = (zones.to_datetime(instant) for instant in columns["start"])
    minutes = (columns["step_s"] // 60).tolist()
    counts = (values.tolist() for name, values in columns.items() if name not in {"start", "step_s"})
    for index, row in enumerate(zip(starts, minutes, *counts, strict=True)):
        if index % ROWS_BETWEEN_LOOKS == 0:
            after_rows(index / size)
        yield row
