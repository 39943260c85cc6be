"""Reads of the log of edits: what can be undone, and what has happened to a shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.schedules.choices import EditKind, EditState
from apps.schedules.models import ScheduleEdit, ShiftChange
from apps.schedules.types import Change, ShiftSnapshot

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant

TURNS = (EditKind.UNDO, EditKind.REDO)


@dataclass(frozen=True)
class UndoState:
    """The edits of one person in one variant that undo and redo would reverse next; None: nothing."""

    undo: ScheduleEdit | None
    redo: ScheduleEdit | None


@dataclass(frozen=True)
class HistoryEntry:
    """What an edit did to one shift; `actor` None is the system."""

    edit_id: int
    number: int
    kind: str
    state: str
    source: str
    reason: str
    actor_id: int | None
    actor: str
    at: dt.datetime
    before: ShiftSnapshot | None
    after: ShiftSnapshot | None


def undo_state(variant_id: int, actor: User | None) -> UndoState:
    """Give what the person's undo and redo would reverse; two queries."""
    return UndoState(next_undo(variant_id, actor), next_redo(variant_id, actor))


def next_undo(variant_id: int, actor: User | None) -> ScheduleEdit | None:
    """Give the person's last edit of the variant that is done."""
    return own_edits(variant_id, actor).filter(state=EditState.DONE).order_by("number").last()


def next_redo(variant_id: int, actor: User | None) -> ScheduleEdit | None:
    """Give the person's first edit of the variant that is undone and not discarded."""
    return own_edits(variant_id, actor).filter(state=EditState.UNDONE).order_by("number").first()


def last_turn(edit: ScheduleEdit) -> ScheduleEdit:
    """Give the last undo or redo of an edit, or the edit itself."""
    return edit.reversals.order_by("number").last() or edit


def own_edits(variant_id: int, actor: User | None) -> QuerySet[ScheduleEdit]:
    """Give the edits that one person (None: the system) made in a variant, without undo and redo."""
    return ScheduleEdit.objects.filter(variant=variant_id, actor=actor).exclude(kind__in=TURNS)


def edits_of(variant: ScheduleVariant) -> QuerySet[ScheduleEdit]:
    """Give the edits of a variant with who made them, newest first."""
    return variant.edit_log.select_related("actor").order_by("-number")


def shift_history(changes: QuerySet[ShiftChange]) -> list[HistoryEntry]:
    """Give what happened to a shift by its changes that the reader may know, newest first; one query."""
    rows = changes.select_related("edit__actor").order_by("-edit")
    return [
        HistoryEntry(
            edit_id=row.edit_id,
            number=row.edit.number,
            kind=row.edit.kind,
            state=row.edit.state,
            source=row.edit.source,
            reason=row.edit.reason,
            actor_id=row.edit.actor_id,
            actor="" if row.edit.actor is None else str(row.edit.actor),
            at=row.edit.created_at,
            before=change_of(row).before,
            after=change_of(row).after,
        )
        for row in rows
    ]


def changes_of(edit: ScheduleEdit) -> list[Change]:
    """Give what an edit changed, by shift; one query."""
    return [change_of(row) for row in edit.changes.order_by("shift_id")]


def change_of(row: ShiftChange) -> Change:
    before, after = (
        None if side is None else ShiftSnapshot.from_data(side) for side in (row.before, row.after)
    )
    return Change(before, after)
