"""Corrections of history: which hold, and what the rows say under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Exists, OuterRef

from apps.core import zones
from apps.demand.choices import CorrectionAction
from apps.demand.models import HistoryCorrection
from apps.demand.types import Correction, InstantSpan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from apps.demand.types import BoolArray, IntArray

Rows = dict[str, Any]
"""Arrays by name, shape (n,): start, step_s, offered, handled, answered, handle_s."""


def corrections_of(queue_id: int) -> QuerySet[HistoryCorrection]:
    """Give every correction of a queue, newest first, with who made it and whether it was undone."""
    undone = HistoryCorrection.objects.filter(undoes=OuterRef("pk"))
    return (
        HistoryCorrection.objects.filter(queue=queue_id)
        .select_related("created_by", "undoes")
        .annotate(is_undone=Exists(undone))
    )


def corrections_in_force(
    queue_ids: Collection[int], start: dt.datetime, end: dt.datetime
) -> list[Correction]:
    """Give what was not undone and touches the span, oldest first: the later one holds. One query."""
    rows = (
        HistoryCorrection.objects.filter(queue__in=queue_ids, start__lt=end, end__gt=start)
        .exclude(action=CorrectionAction.UNDO)
        .filter(undone_by__isnull=True)
        .order_by("pk")
        .values_list("pk", "queue_id", "start", "end", "action", "step_s", "values")
    )
    return [
        Correction(pk, queue_id, InstantSpan(first, last), action, step_s, values)
        for pk, queue_id, first, last, action, step_s, values in rows
    ]


def newest_correction_id(queue_ids: Collection[int]) -> int:
    """Give the number of the newest correction of these queues, 0 without one."""
    newest = (
        HistoryCorrection.objects.filter(queue__in=queue_ids).order_by("-pk").values_list("pk", flat=True)
    )
    return newest.values_list("pk", flat=True).first() or 0


def holding(starts: np.ndarray[Any, np.dtype[np.datetime64]], corrections: Sequence[Correction]) -> IntArray:
    """Give for each interval start (sorted) the index of the correction that holds there, -1 without one."""
    owner: IntArray = np.full(starts.size, -1, dtype=np.int64)
    for index, correction in enumerate(corrections):
        first, last = np.searchsorted(
            starts, [zones.to_instant(correction.span.start), zones.to_instant(correction.span.end)]
        )
        owner[first:last] = index
    return owner


def correct(rows: Rows, corrections: Sequence[Correction]) -> tuple[Rows, BoolArray]:
    """Lay the corrections of one queue over its rows, sorted by start; give them with what was left out.

    Replaced contacts keep the AHT of their interval: handled, answered and handle time are scaled with them.
    Counts become floats.
    """
    owner = holding(rows["start"], corrections)
    corrected = {
        name: values.astype(np.float64) if name not in {"start", "step_s"} else values
        for name, values in rows.items()
    }
    excluded: BoolArray = np.zeros(owner.size, dtype=np.bool_)
    for index in np.unique(owner[owner >= 0]).tolist():
        correction, held = corrections[index], np.flatnonzero(owner == index)
        if correction.action == CorrectionAction.EXCLUDE:
            excluded[held] = True
        elif correction.values is not None:
            _replace(corrected, held, correction)
    return corrected, excluded


def _replace(rows: Rows, held: IntArray, correction: Correction) -> None:
    values = np.array(correction.values, dtype=np.float64)
    first_s = int(correction.span.start.timestamp())
    place = (rows["start"][held].astype(np.int64) - first_s) // int(correction.step_s or 1)
    new = values[np.minimum(place, values.size - 1)]
    held, new = held[np.isfinite(new)], new[np.isfinite(new)]
    old = rows["offered"][held]
    scale = np.divide(new, old, out=np.zeros_like(new), where=old > 0)
    for name in ("handled", "answered", "handle_s"):
        known = rows[name][held] >= 0
        rows[name][held] = np.where(known, rows[name][held] * scale, rows[name][held])
    rows["offered"][held] = new
