"""Undo and redo: a person's own edits of a variant, turned back and forth across reloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import ConflictError, NotAllowedError
from apps.schedules.choices import EditKind, EditSource
from apps.schedules.policies import editable_people, editable_variant
from apps.schedules.selectors.edits import changes_of, next_redo, next_undo
from apps.schedules.services.editing.applying import refusals_named
from apps.schedules.services.editing.judging import judged, mark_of, refuse_broken
from apps.schedules.services.editing.touching import lock_book, refuse_overtaken
from apps.schedules.services.editing.writing import Entry, store

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.schedules.models import ScheduleEdit
    from apps.schedules.types import EditOutcome

TRIES = 5
"""How often the next edit may be another one once its people are locked: somebody undoes in several tabs."""


class _OvertakenError(Exception):
    """The person's next edit to turn back is another one by now."""


def undo(*, variant_id: int, actor: User | None) -> EditOutcome:
    """Turn back the actor's last edit of the variant; every touched shift is then exactly as before it.

    `ConflictError` where there is nothing to undo, `StaleError` with the shifts as they are where somebody
    has edited one of them since. Findings that the edit had mended may come back; otherwise hard labour rules
    refuse as in `apply`.
    """
    return _turn(variant_id, actor, EditKind.UNDO)


def redo(*, variant_id: int, actor: User | None) -> EditOutcome:
    """Do the edit again that the actor undid last; refuses as `undo` does."""
    return _turn(variant_id, actor, EditKind.REDO)


def _turn(variant_id: int, actor: User | None, kind: EditKind) -> EditOutcome:
    for _attempt in range(TRIES):
        try:
            with refusals_named(), transaction.atomic():
                return _turn_once(variant_id, actor, kind)
        except _OvertakenError:
            continue
    raise ConflictError(_("Somebody else is changing this just now; try again."))


def _turn_once(variant_id: int, actor: User | None, kind: EditKind) -> EditOutcome:
    editable_variant(variant_id, actor)
    edit = _next(variant_id, actor, kind)
    changes = changes_of(edit)
    if kind == EditKind.UNDO:
        changes = [change.inverse for change in changes]
    people = {side.employee_id for change in changes for side in change.sides}
    if editable_people(people, actor) != people:
        raise NotAllowedError(_("You may no longer edit the shifts of everybody whom this edit concerns."))
    book = lock_book(variant_id, people)
    if _next(variant_id, actor, kind) != edit:
        raise _OvertakenError
    refuse_overtaken(book, changes, actor)
    forgiven = {mark_of(data) for data in edit.mended} if kind == EditKind.UNDO else set()
    verdict = judged(book, changes, forgiven)
    refuse_broken(verdict)
    return store(verdict, Entry(kind, [], actor, EditSource(edit.source), reverses=edit))


def _next(variant_id: int, actor: User | None, kind: EditKind) -> ScheduleEdit:
    edit = (next_undo if kind == EditKind.UNDO else next_redo)(variant_id, actor)
    if edit is None:
        none = {
            EditKind.UNDO: _("You have nothing to undo in this schedule."),
            EditKind.REDO: _("You have nothing to redo in this schedule."),
        }
        raise ConflictError(none[kind])
    return edit
