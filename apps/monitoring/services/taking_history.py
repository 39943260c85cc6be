"""Contacts by interval, as centres count them, into the history of our queues."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import structlog
from django.db import transaction

from apps.core import clock
from apps.core.locks import LockHeldError
from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError, OtherStepError
from apps.demand.services.importing import import_history
from apps.monitoring.models import GroupInterval, QueueLink
from apps.monitoring.types import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.accounts.models import User

log = structlog.get_logger(__name__)
_HEADER = "start;offered;handled;abandoned;handle_s;wrap_s;step_minutes"
_ROWS_AT_ONCE = 50_000


def take_history(
    *, links: Iterable[QueueLink], start: dt.datetime, end: dt.datetime, step_s: int, actor: User | None
) -> tuple[int, list[Problem]]:
    """Import intervals of `step_s` in `[start, end)` of linked groups; give rows written and refusals.

    An interval that the centre left out had no contacts. Taking the same again writes nothing.
    """
    written = 0
    problems: list[Problem] = []
    for link in links:
        if link.queue_id is None:
            continue
        kept = GroupInterval.objects.filter(group=link, start__gte=start, start__lt=end).order_by("start")
        rows = _with_empty_ones(list(kept), start, min(end, clock.now()), step_s)
        done, refused = _import(link, rows, actor)
        written += done
        problems += refused
    return written, problems


def take_intervals(
    *, links: Iterable[QueueLink], starts: Sequence[dt.datetime], actor: User | None
) -> tuple[int, list[Problem]]:
    """Import the kept intervals of linked groups that begin at `starts`, and no others."""
    written = 0
    problems: list[Problem] = []
    for link in links:
        rows = list(GroupInterval.objects.filter(group=link, start__in=starts).order_by("start"))
        done, refused = _import(link, rows, actor)
        written += done
        problems += refused
    return written, problems


def take_due_history() -> int:
    """Import all that is kept of groups that were linked since; give how many groups."""
    links = list(QueueLink.objects.filter(is_history_due=True, queue__isnull=False).select_related("source"))
    for link in links:
        kept = list(GroupInterval.objects.filter(group=link).order_by("start"))
        for begin in range(0, len(kept), _ROWS_AT_ONCE):
            _written, problems = _import(link, kept[begin : begin + _ROWS_AT_ONCE], None)
            for problem in problems:
                log.warning("group_history_refused", group=link.pk, reason=str(problem.reason))
        with transaction.atomic():
            QueueLink.objects.filter(pk=link.pk, queue=link.queue_id).update(is_history_due=False)
    return len(links)


def _with_empty_ones(
    kept: Sequence[GroupInterval], start: dt.datetime, end: dt.datetime, step_s: int
) -> list[GroupInterval]:
    step = dt.timedelta(seconds=step_s)
    by_start = {row.start: row for row in kept}
    moment, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    rows = []
    while moment + step <= end:
        rows.append(
            by_start.get(moment)
            or GroupInterval(
                start=moment, end=moment + step, received=0, treated=0, missed=0, aht_ms=0, wrap_ms=0
            )
        )
        moment += step
    return rows


def _import(link: QueueLink, rows: Sequence[GroupInterval], actor: User | None) -> tuple[int, list[Problem]]:
    if not rows or link.queue_id is None:
        return 0, []
    lines = [_HEADER, *map(_line, rows)]
    source = f"{link.source.code}: {link.external_id}"
    try:
        batch = import_history(
            queue_id=link.queue_id,
            file=io.BytesIO("\n".join(lines).encode()),
            file_name=f"{link.source.code} {rows[0].start:%Y-%m-%d}.csv",
            actor=actor,
            source=source,
        )
    except (FileRefusedError, OtherStepError, LockHeldError) as refusal:
        return 0, [Problem(link.external_id, "historicData", refusal.phrase)]
    refused = [
        Problem(link.external_id, error.column, Phrase.plain(f"{error.reason} ({error.value})"))
        for error in batch.errors.all()
    ]
    return batch.rows_loaded, refused


def _line(row: GroupInterval) -> str:
    """Write an interval as history has it: handle time includes the wrap-up, times are totals in seconds."""
    handle_s = (row.aht_ms + row.wrap_ms) * row.treated / 1000
    minutes = (row.end - row.start).total_seconds() / 60
    return (
        f"{row.start:%Y-%m-%dT%H:%M:%S}Z;{row.received};{row.treated};{row.missed};"
        f"{handle_s:.3f};{row.wrap_ms * row.treated / 1000:.3f};{minutes:g}"
    )
