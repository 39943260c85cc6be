"""Corrections of history: what forecasts read instead of what was recorded. The records stay as they are."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core import zones
from apps.core.errors import ConflictError, DomainError, NotFoundError, StaleError
from apps.core.events import emit
from apps.core.locks import advisory_lock
from apps.demand.choices import REPLACING, CorrectionAction
from apps.demand.models import HistoryCorrection, IntervalHistory
from apps.demand.selectors import history_digest, member_ids
from apps.demand.selectors.outliers import AROUND, analyse
from apps.demand.services.loading import HISTORY_LOCK
from apps.organization.selectors import queue_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.accounts.models import User
    from apps.demand.selectors import Analysis
    from apps.demand.types import FloatArray, InstantSpan, IntArray, TimeArray
    from apps.organization.models import Queue

MOST_SPANS = 500
LONGEST_REASON = 300
LONGEST = dt.timedelta(days=366)
MOST_CONTACTS = 1_000_000
USUAL = (CorrectionAction.EXPECTED, CorrectionAction.AVERAGE)
_DAY = dt.timedelta(days=1)
_MOMENT = dt.timedelta(seconds=1)
_APART = dt.timedelta(weeks=10)


@transaction.atomic
def correct_history(
    *,
    queue_id: int,
    spans: Sequence[InstantSpan],
    action: str,
    reason: str,
    actor: User | None,
    value: float | None = None,
    seen: int | None = None,
) -> list[HistoryCorrection]:
    """Leave spans of a queue's history out, replace them, or give back what was recorded; one row for each.

    Parameters
    ----------
    queue_id
        A queue with a history of its own; an aggregated one is corrected through its members.
    spans, action
        What is corrected, each with recorded intervals; a `CorrectionAction` other than `undo`.
    reason, actor
        Why, required, and who; nobody is the system itself.
    value
        Contacts of each interval, with the action `value` only.
    seen
        The newest correction that the actor had before the eyes (0 = none); None does not compare.

    Raises
    ------
    NotAllowedError, NotFoundError
        The actor may not correct history; there is no such queue.
    DomainError
        By field: no reason, spans that are reversed, too many or empty, a value that makes no sense.
    StaleError
        Somebody corrected one of the spans after `seen`.

    """
    require(actor, Capability.CORRECT_HISTORY)
    queue = queue_by_id(queue_id)
    _check(queue, spans, action, reason, value)
    before = _digest(queue, spans) if action in USUAL else ""
    planned = _replacements(queue, spans, action, value)
    advisory_lock(HISTORY_LOCK.format(queue_id))
    if seen is not None:
        _check_seen(queue_id, spans, seen)
    if before and _digest(queue, spans) != before:
        raise StaleError(_("The history changed meanwhile: look at it again."))
    made = HistoryCorrection.objects.bulk_create(
        HistoryCorrection(
            queue=queue,
            start=span.start,
            end=span.end,
            action=action,
            reason=reason.strip(),
            created_by=actor,
            **instead,
        )
        for span, instead in zip(spans, planned, strict=True)
    )
    _tell(queue, made, actor, action)
    return made


@transaction.atomic
def undo_correction(*, correction_id: int, reason: str, actor: User | None) -> HistoryCorrection:
    """Take one correction back with a row of its own; what held before it holds again.

    Raises
    ------
    NotAllowedError, NotFoundError, DomainError, ConflictError
        The actor may not; there is no such correction; no reason is given; it was undone before or is an
        undoing itself.

    """
    require(actor, Capability.CORRECT_HISTORY)
    _check_reason(reason)
    undone = HistoryCorrection.objects.select_related("queue").filter(pk=correction_id).first()
    if undone is None:
        raise NotFoundError(_("There is no correction %(id)s.") % {"id": correction_id})
    advisory_lock(HISTORY_LOCK.format(undone.queue_id))
    if undone.action == CorrectionAction.UNDO:
        raise ConflictError(_("An undoing cannot be undone: correct the span again."))
    if HistoryCorrection.objects.filter(undoes=undone).exists():
        raise ConflictError(_("The correction was undone already."))
    made = HistoryCorrection.objects.create(
        queue=undone.queue,
        start=undone.start,
        end=undone.end,
        action=CorrectionAction.UNDO,
        undoes=undone,
        reason=reason.strip(),
        created_by=actor,
    )
    _tell(undone.queue, [made], actor, CorrectionAction.UNDO)
    return made


def _check(queue: Queue, spans: Sequence[InstantSpan], action: str, reason: str, value: float | None) -> None:
    _check_reason(reason)
    if action not in CorrectionAction.values or action == CorrectionAction.UNDO:
        _refuse("action", _("Choose what to do with the figures."))
    if (action == CorrectionAction.VALUE) != (value is not None):
        _refuse("value", _("Needed to replace by a given value, and only then."))
    if value is not None and not 0 <= value <= MOST_CONTACTS:
        _refuse("value", _("From 0 to 1,000,000 contacts."))
    if not spans:
        _refuse("spans", _("Choose at least one interval or day."))
    if len(spans) > MOST_SPANS:
        _refuse("spans", _("At most %(most)d at once.") % {"most": MOST_SPANS})
    for index, span in enumerate(spans):
        if span.end <= span.start:
            _refuse(f"spans.{index}.end", _("It ends before it begins."))
        if span.end - span.start > LONGEST:
            _refuse(f"spans.{index}.end", _("A correction spans a year at most."))
    if member_ids(queue.pk) != [queue.pk]:
        raise ConflictError(
            _("The queue %(queue)s sums up others: correct the history of its members.") % {"queue": queue}
        )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        _refuse("reason", _("Say why."))
    if len(reason.strip()) > LONGEST_REASON:
        _refuse("reason", _("Too long: at most 300 characters."))


def _check_seen(queue_id: int, spans: Sequence[InstantSpan], seen: int) -> None:
    newer = list(
        HistoryCorrection.objects.filter(
            queue=queue_id,
            pk__gt=seen,
            start__lt=max(span.end for span in spans),
            end__gt=min(span.start for span in spans),
        ).select_related("created_by")
    )
    for index, span in enumerate(spans):
        other = next((row for row in newer if row.start < span.end and row.end > span.start), None)
        if other:
            raise StaleError(
                _("%(who)s corrected the same intervals meanwhile (%(what)s): look at them again.")
                % {"who": other.created_by or "–", "what": other.get_action_display()},
                fields={f"spans.{index}": [_("Corrected meanwhile.")]},
                current=other.pk,
            )


def _replacements(
    queue: Queue, spans: Sequence[InstantSpan], action: str, value: float | None
) -> list[dict[str, Any]]:
    """Give the step and the values that each correction keeps; refuse a span that holds nothing.

    The history is read once for spans that lie near each other, so the queries do not grow with the spans.
    """
    found: dict[int, dict[str, Any]] = {}
    for indexes in _near(spans):
        near = [spans[index] for index in indexes]
        start, end = min(span.start for span in near), max(span.end for span in near)
        recorded = _recorded(queue, start, end)
        analysis = None
        if action in USUAL:
            first, last = (_local_day(moment, queue.time_zone) for moment in (start, end - _MOMENT))
            analysis = analyse(queue, first, last + _DAY)
        for index in indexes:
            place = f"spans.{index}"
            step_s = _only_step(spans[index], recorded, place, is_replaced=action in REPLACING)
            if action not in REPLACING:
                found[index] = {}
                continue
            count = -(-int((spans[index].end - spans[index].start).total_seconds()) // step_s)
            starts = zones.to_instant(spans[index].start) + np.arange(count) * step_s
            values = np.full(count, np.nan if value is None else value)
            if action in USUAL:
                values = _usual(queue, analysis, starts, step_s, mean=action == CorrectionAction.AVERAGE)
                if not np.isfinite(values).any():
                    _refuse(place, _("Too little is known around it: give a value or leave it out."))
            known = np.isin(starts, recorded[0]) & np.isfinite(values)
            kept = [float(item) if told else None for item, told in zip(values, known, strict=True)]
            found[index] = {"step_s": step_s, "values": kept}
    return [found[index] for index in range(len(spans))]


def _near(spans: Sequence[InstantSpan]) -> list[list[int]]:
    """Give the places of spans in groups that one reading of history with its weeks around serves."""
    groups: list[list[int]] = []
    end = spans[0].start
    for index in sorted(range(len(spans)), key=lambda place: spans[place].start):
        if not groups or spans[index].start - end > _APART:
            groups.append([])
            end = spans[index].end
        groups[-1].append(index)
        end = max(end, spans[index].end)
    return groups


def _recorded(queue: Queue, start: dt.datetime, end: dt.datetime) -> tuple[TimeArray, IntArray]:
    """Give the starts and lengths (s) of what was recorded, in order. One query."""
    rows = IntervalHistory.objects.filter(queue=queue, start__gte=start, start__lt=end).order_by("start")
    pairs = list(rows.values_list("start", "step_s"))
    starts = np.array([int(moment.timestamp()) for moment, _step in pairs], dtype="datetime64[s]")
    return starts, np.array([step for _moment, step in pairs], dtype=np.int64)


def _only_step(
    span: InstantSpan, recorded: tuple[TimeArray, IntArray], place: str, *, is_replaced: bool
) -> int:
    starts, steps = recorded
    first, end = np.searchsorted(starts, [zones.to_instant(span.start), zones.to_instant(span.end)])
    found = np.unique(steps[first:end]).tolist()
    if not found:
        _refuse(place, _("Nothing was recorded there."))
    if is_replaced and len(found) > 1:
        _refuse(place, _("It holds intervals of several lengths: correct them one after another."))
    return int(found[0])


def _usual(
    queue: Queue, analysis: Analysis | None, starts: TimeArray, step_s: int, *, mean: bool
) -> FloatArray:
    """Give the median or the mean of the same interval in the weeks around, shape (count,)."""
    if analysis is None or analysis.step_s != step_s:
        return np.full(starts.size, np.nan)
    local = zones.to_local(starts, queue.time_zone)
    fences = analysis.slots.average if mean else analysis.slots.expected
    row = (local.astype("datetime64[D]") - np.datetime64(analysis.first_day)).astype(np.int64)
    slot = (local.astype(np.int64) % 86_400) // step_s
    inside = (row >= 0) & (row < len(fences))
    return np.where(inside, fences[np.where(inside, row, 0), slot], np.nan)


def _digest(queue: Queue, spans: Sequence[InstantSpan]) -> str:
    """Give the digest of all that the usual values of the spans are read from."""
    zone = queue.time_zone
    first = _local_day(min(span.start for span in spans), zone) - AROUND
    last = _local_day(max(span.end for span in spans) - _MOMENT, zone) + _DAY + AROUND
    return history_digest(queue.pk, zone, first, last)


def _local_day(moment: dt.datetime, zone: str) -> dt.date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _tell(queue: Queue, made: Sequence[HistoryCorrection], actor: User | None, action: str) -> None:
    facts = {
        "queue_id": queue.pk,
        "action": str(action),
        "corrections": [row.pk for row in made],
        "first_start": min(row.start for row in made).isoformat(),
        "last_end": max(row.end for row in made).isoformat(),
    }
    more = {"reason": made[0].reason, "undoes": [row.undoes_id for row in made if row.undoes_id]}
    record(action="demand.correct_history", obj=queue, actor=actor, after=facts | more)
    emit("history.corrected", aggregate="organization.queue", aggregate_id=queue.pk, data=facts, actor=actor)


def _refuse(field: str, why: str) -> NoReturn:
    raise DomainError(why, fields={field: [why]})
