"""Corrections of history: which hold, and what the rows say under them."""

from __future__ import annotations

from itertools import pairwise
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

    from apps.demand.types import BoolArray, FloatArray, IntArray

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


def decisions(correction_ids: Collection[int]) -> dict[int, HistoryCorrection]:
    """Give corrections by number, with who made them. One query."""
    return HistoryCorrection.objects.select_related("created_by").in_bulk(list(correction_ids))


def effects_of(
    corrections: Sequence[Correction], start: dt.datetime, end: dt.datetime
) -> set[tuple[int, dt.datetime, dt.datetime, int]]:
    """Give what corrections (oldest first) change from `start` up to `end`: queue, from, to, which of them.

    Figures that are as recorded are no part of it, so two lists of corrections with the same effects let a
    forecast read the same. A correction that leaves out stands as 0, for one leaves out as another does.
    """
    effects: set[tuple[int, dt.datetime, dt.datetime, int]] = set()
    for queue_id in {item.queue_id for item in corrections}:
        mine = [item for item in corrections if item.queue_id == queue_id]
        edges = {edge for item in mine for edge in (item.span.start, item.span.end)} | {start, end}
        bounds = sorted(edge for edge in edges if start <= edge <= end)
        pieces: list[tuple[dt.datetime, dt.datetime, int]] = []
        for first, last in pairwise(bounds):
            covering = [item for item in mine if item.span.start <= first and last <= item.span.end]
            what = _effect(covering[-1]) if covering else None
            if what is None:
                continue
            follows = bool(pieces) and pieces[-1][1:] == (first, what)
            pieces.append((pieces.pop()[0] if follows else first, last, what))
        effects |= {(queue_id, *piece) for piece in pieces}
    return effects


def _effect(correction: Correction) -> int | None:
    if correction.action == CorrectionAction.RESTORE:
        return None
    return 0 if correction.action == CorrectionAction.EXCLUDE else correction.id


def known_corrections(correction_ids: Collection[int]) -> list[Correction]:
    """Give corrections by number, undone ones too, oldest first. One query, none without numbers."""
    if not correction_ids:
        return []
    rows = HistoryCorrection.objects.filter(pk__in=correction_ids).exclude(action=CorrectionAction.UNDO)
    return _read(rows)


def corrections_in_force(
    queue_ids: Collection[int], start: dt.datetime, end: dt.datetime
) -> list[Correction]:
    """Give what was not undone and touches the span, oldest first: the later one holds. One query."""
    rows = (
        HistoryCorrection.objects.filter(queue__in=queue_ids, start__lt=end, end__gt=start)
        .exclude(action=CorrectionAction.UNDO)
        .filter(undone_by__isnull=True)
    )
    return _read(rows)


def _read(rows: QuerySet[HistoryCorrection]) -> list[Correction]:
    columns = rows.order_by("pk").values_list("pk", "queue_id", "start", "end", "action", "step_s", "values")
    return [
        Correction(pk, queue_id, InstantSpan(first, last), action, step_s, values)
        for pk, queue_id, first, last, action, step_s, values in columns
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
    """Lay the values over rows of any length, in proportion to what they cover of each."""
    begin_s = rows["start"][held].astype(np.int64) - int(correction.span.start.timestamp())
    length_s = rows["step_s"][held]
    step_s = int(correction.step_s or 1)
    values = np.array(correction.values, dtype=np.float64)
    known = np.isfinite(values)
    covered_s = _between(begin_s, length_s, known * float(step_s), step_s)
    inside = covered_s > 0
    held, old = held[inside], rows["offered"][held][inside]
    new = _between(begin_s, length_s, np.where(known, values, 0.0), step_s)[inside]
    new += old * (1.0 - covered_s[inside] / length_s[inside])
    scale = np.divide(new, old, out=np.zeros_like(new), where=old > 0)
    for name in ("handled", "answered", "handle_s"):
        told = rows[name][held] >= 0
        rows[name][held] = np.where(told, rows[name][held] * scale, rows[name][held])
    rows["offered"][held] = new


def _between(begin_s: IntArray, length_s: IntArray, amounts: FloatArray, step_s: int) -> FloatArray:
    """Sum amounts of consecutive steps from 0 s over spans, parts of a step in proportion, shape (n,)."""
    edges = np.arange(amounts.size + 1) * step_s
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    found: FloatArray = np.interp(begin_s + length_s, edges, sums) - np.interp(begin_s, edges, sums)
    return found
