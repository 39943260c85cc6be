"""Who has answered for what is broken: let pass by an edit, kept while it is the same, given back by undo."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from apps.schedules.choices import EditKind, EditState
from apps.schedules.models import RuleViolation, ScheduleEdit
from apps.schedules.services.editing.judging import finding_data, mark, mark_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

STANDING = (EditState.DONE, EditState.OVERTAKEN)
"""The states of an edit that has not been undone."""


@dataclass(frozen=True)
class Answer:
    """By which edit somebody (None: the system) let a finding pass, and when."""

    edit_id: int | None
    user_id: int | None
    at: dt.datetime


def answered_rows(variant_id: int, employee_ids: Collection[int] | None = None) -> QuerySet[RuleViolation]:
    """Give the stored findings that somebody let pass, of these people or of all."""
    rows = RuleViolation.objects.filter(variant=variant_id, allowed_at__isnull=False)
    return rows if employee_ids is None else rows.filter(employee__in=employee_ids)


def answers(rows: Iterable[RuleViolation]) -> dict[tuple[Any, ...], Answer]:
    """Give the answers by the mark of their finding, of edits that stand; one query."""
    given = {mark(row): _answer(row) for row in rows}
    return _standing(given)


def answers_of(edit: ScheduleEdit) -> dict[tuple[Any, ...], Answer]:
    """Give the answers that held before the edit, as far as the edits which gave them stand; one query."""
    given = {
        mark_of(data): Answer(data["edit"], data["allowed_by"], dt.datetime.fromisoformat(data["allowed_at"]))
        for data in edit.answered
    }
    return _standing(given)


def answer_data(row: RuleViolation) -> dict[str, Any]:
    """Give a finding that was let pass as JSON."""
    held = _answer(row)
    return finding_data(row) | {
        "edit": held.edit_id,
        "allowed_by": held.user_id,
        "allowed_at": held.at.isoformat(),
    }


def _answer(row: RuleViolation) -> Answer:
    assert row.allowed_at is not None  # noqa: S101 - only rows with an answer are asked
    return Answer(row.edit_id, row.allowed_by_id, row.allowed_at)


def _standing(given: dict[tuple[Any, ...], Answer]) -> dict[tuple[Any, ...], Answer]:
    """Leave out what was let pass by an edit that is undone; a redo stands with its edit, an undo against."""
    if not given:
        return given
    turns = (EditKind.UNDO, EditKind.REDO)
    edits = ScheduleEdit.objects.filter(pk__in={answer.edit_id for answer in given.values()})
    stands = edits.filter(
        (~Q(kind__in=turns) & Q(state__in=STANDING))
        | Q(kind=EditKind.REDO, reverses__state__in=STANDING)
        | (Q(kind=EditKind.UNDO) & ~Q(reverses__state__in=STANDING))
    )
    known = set(stands.values_list("pk", flat=True))
    return {key: answer for key, answer in given.items() if answer.edit_id in known}
