"""Intervals into the history table: only what differs from what it holds is written, by COPY."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection, models, transaction
from django.db.models import ExpressionWrapper, F
from django.utils.translation import gettext_noop as _

from apps.core import zones
from apps.core.copying import copy_rows
from apps.core.errors import NotFoundError
from apps.core.locks import advisory_lock
from apps.core.partitions import ensure_months
from apps.core.phrases import Phrase
from apps.demand.errors import OtherStepError
from apps.demand.models import IntervalHistory
from apps.demand.selectors import stored_rows
from apps.demand.types import COUNTS, UNKNOWN
from apps.organization.models import Queue

if TYPE_CHECKING:
    from apps.core.copying import Column
    from apps.demand.types import HistoryRows, IntArray

HISTORY_LOCK = "demand.history:{}"  # of a queue: whoever writes its history holds it
_LONGEST_STEP = dt.timedelta(hours=1)
_TYPES = {"handle_s": "int8", "wrap_s": "int8"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows that were (or, in a dry run, would be) written, and those that the history already had."""

    written: int
    unchanged: int


@transaction.atomic
def load_intervals(*, queue_id: int, rows: HistoryRows, batch_id: int | None) -> Loaded:
    """Write intervals that the history does not have yet or has otherwise; without a batch only count them.

    A lock orders the imports of one queue, so what was compared is still so when it is written. Raises
    `OtherStepError` when the span holds intervals of another length, `LockHeldError` when others take long.
    """
    if not len(rows):
        return Loaded(0, 0)
    advisory_lock(HISTORY_LOCK.format(queue_id))
    _hold_queue(queue_id)
    first, last = zones.to_datetime(rows.starts[0]), zones.to_datetime(rows.starts[-1])
    _check_step(queue_id, rows.step_s, first, last)
    new, changed = _differences(rows, stored_rows(queue_id, first, last + dt.timedelta(seconds=rows.step_s)))
    written = new.size + changed.size
    if batch_id is not None and written:
        ensure_months(IntervalHistory, first, last)
        with connection.cursor() as cursor:
            if changed.size:
                starts = [zones.to_datetime(start) for start in rows.starts[changed]]
                cursor.execute(
                    "DELETE FROM demand_intervalhistory WHERE queue_id = %s AND start = ANY(%s)",
                    [queue_id, starts],
                )
            columns = _columns(rows, np.union1d(new, changed), queue_id, batch_id)
            copy_rows(cursor, IntervalHistory._meta.db_table, columns, null=UNKNOWN)  # noqa: SLF001 - documented API
    return Loaded(written, len(rows) - written)


def _hold_queue(queue_id: int) -> None:
    """Keep the queue from being deleted until the transaction ends: no foreign key does it."""
    if not list(Queue.objects.select_for_update(no_key=True).filter(pk=queue_id).values_list("pk")):
        raise NotFoundError(Phrase(_("There is no queue %(code)s."), {"code": queue_id}))


def _columns(rows: HistoryRows, index: IntArray, queue_id: int, batch_id: int) -> dict[str, Column]:
    def constant(value: int) -> IntArray:
        return np.full(index.size, value)

    return {
        "queue_id": ("int8", constant(queue_id)),
        "start": ("timestamptz", rows.starts[index]),
        "step_s": ("int4", constant(rows.step_s)),
        "batch_id": ("int8", constant(batch_id)),
    } | {name: (_TYPES.get(name, "int4"), getattr(rows, name)[index]) for name in COUNTS}


def _differences(rows: HistoryRows, held: HistoryRows) -> tuple[IntArray, IntArray]:
    """Rows that the history does not hold, and rows that it holds with other numbers."""
    if not len(held):
        return np.arange(len(rows)), np.zeros(0, dtype=np.int64)
    at = np.minimum(np.searchsorted(held.starts, rows.starts), len(held) - 1)
    is_held = held.starts[at] == rows.starts
    same = np.ones(len(rows), dtype=np.bool_)
    for name in COUNTS:
        same &= getattr(held, name)[at] == getattr(rows, name)
    return np.flatnonzero(~is_held), np.flatnonzero(is_held & ~same)


def _check_step(queue_id: int, step_s: int, first: dt.datetime, last: dt.datetime) -> None:
    end = ExpressionWrapper(
        F("start") + F("step_s") * dt.timedelta(seconds=1), output_field=models.DateTimeField()
    )
    overlapping = (
        IntervalHistory.objects.filter(queue_id=queue_id, start__gt=first - _LONGEST_STEP)
        .filter(start__lt=last + dt.timedelta(seconds=step_s))
        .exclude(step_s=step_s)
        .alias(end=end)
        .filter(end__gt=first)
    )
    other = overlapping.values_list("step_s", flat=True).first()
    if other is not None:
        raise OtherStepError(
            Phrase(
                _("The history of this span has intervals of %(have)d minutes, the file of %(given)d."),
                {"have": other // 60, "given": step_s // 60},
            )
        )
