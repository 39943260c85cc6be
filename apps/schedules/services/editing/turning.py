"""Undo and redo: a person's own edits of a variant, or one that is named, turned back and forth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import ConflictError, NotAllowedError, StaleError
from apps.schedules.choices import EditKind, EditSource, EditState
from apps.schedules.models import ScheduleEdit
from apps.schedules.policies import editable_people, editable_variant, require_turn
from apps.schedules.selectors.edit_book import read_book
from apps.schedules.selectors.edits import TURNS, changes_of, last_turn, next_redo, next_undo, own_edits
from apps.schedules.services.editing.answers import STANDING
from apps.schedules.services.editing.applying import refusals_named
from apps.schedules.services.editing.judging import judged, mark_of, refuse_broken
from apps.schedules.services.editing.touching import lock_book, refuse_overtaken
from apps.schedules.services.editing.writing import Entry, store
from apps.schedules.types import field_error

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.selectors.edit_book import EditBook
    from apps.schedules.types import Change, EditOutcome

MOST_SHOWN = 20
"""Edits of a person that are looked at for what an undo would skip."""
TRIES = 5
"""How often the next edit may be another one once its people are locked: somebody undoes in several tabs."""


class _AnotherError(Exception):
    """The person's next edit to turn back is another one by now."""


@dataclass(frozen=True)
class _Wish:
    """Which edit to turn back or forth: `edit_id`, or the next of the actor's own."""

    variant_id: int
    actor: User | None
    kind: EditKind
    edit_id: int | None = None

    def edit(self) -> ScheduleEdit:
        """Give the edit; `DomainError` names what was asked wrongly, `ConflictError` that there is none."""
        if self.edit_id is None:
            return self._next()
        edits = ScheduleEdit.objects.filter(variant=self.variant_id).exclude(kind__in=TURNS)
        edit = edits.filter(pk=self.edit_id).first()
        if edit is None:
            message = _("There is no edit %(key)s in this variant.")
            raise field_error("edit_id", message % {"key": self.edit_id})
        require_turn(edit, self.actor)
        if edit.state not in (STANDING if self.kind == EditKind.UNDO else (EditState.UNDONE,)):
            message = _("The edit is in state %(state)s.") % {"state": edit.get_state_display()}
            raise ConflictError(message)
        return edit

    def _next(self) -> ScheduleEdit:
        if self.actor is None:
            raise field_error("edit_id", _("Say which edit: what has no person behind it has no last one."))
        edit = (next_undo if self.kind == EditKind.UNDO else next_redo)(self.variant_id, self.actor)
        if edit is None:
            none = {
                EditKind.UNDO: _("You have nothing to undo in this schedule."),
                EditKind.REDO: _("You have nothing to redo in this schedule."),
            }
            raise ConflictError(none[self.kind])
        return edit


def undo(
    *, variant_id: int, actor: User | None, edit_id: int | None = None, skip_overtaken: bool = False
) -> EditOutcome:
    """Turn back the actor's last edit of the variant; every touched shift is then exactly as before it.

    `edit_id` names another edit: an own one, or, for who plans and for the system, anybody's. Without it
    `skip_overtaken` leaves those edits as they are whose shifts somebody has edited since, and undoes the
    last one before them. `ConflictError` where there is nothing to undo, `StaleError` with the shifts as they
    are where somebody has edited one of them since. Findings that the edit had mended may come back;
    otherwise hard labour rules refuse as in `apply`.
    """
    wish = _Wish(variant_id, actor, EditKind.UNDO, edit_id)
    if skip_overtaken and edit_id is None:
        return _turn_skipping(wish)
    return _turn(wish)


def what_undo_skips(*, variant_id: int, actor: User) -> tuple[list[ScheduleEdit], ScheduleEdit | None]:
    """Give the own edits that `undo` with `skip_overtaken` would leave as they are, and which it would undo.

    Nothing is locked or written; at most `MOST_SHOWN` edits are looked at.
    """
    variant = editable_variant(variant_id, actor)
    done = own_edits(variant.pk, actor).filter(state=EditState.DONE).order_by("-number")
    skipped: list[ScheduleEdit] = []
    for edit in done[:MOST_SHOWN]:
        changes = _changes(edit, EditKind.UNDO)
        try:
            refuse_overtaken(read_book(variant, _people(changes)), changes, actor)
        except StaleError:
            skipped.append(edit)
        else:
            return skipped, edit
    return skipped, None


def redo(*, variant_id: int, actor: User | None, edit_id: int | None = None) -> EditOutcome:
    """Do the edit again that the actor undid last, or the named one; refuses as `undo` does."""
    return _turn(_Wish(variant_id, actor, EditKind.REDO, edit_id))


def _turn_skipping(wish: _Wish) -> EditOutcome:
    """Undo, and leave as it is what was overtaken; this is kept even when nothing is left to undo."""
    while True:
        try:
            return _turn(wish)
        except StaleError:
            _leave(wish)


@transaction.atomic
def _leave(wish: _Wish) -> None:
    """Take the actor's next edit off the stack if it is still overtaken once its people are locked."""
    variant = editable_variant(wish.variant_id, wish.actor)
    edit = wish.edit()
    changes = _changes(edit, wish.kind)
    book = lock_book(variant.pk, _people(changes))
    if wish.edit() != edit:
        return
    try:
        refuse_overtaken(book, changes, wish.actor)
    except StaleError:
        ScheduleEdit.objects.filter(pk=edit.pk).update(state=EditState.OVERTAKEN)


def _turn(wish: _Wish) -> EditOutcome:
    for _attempt in range(TRIES):
        try:
            with refusals_named(), transaction.atomic():
                return _turn_once(wish)
        except _AnotherError:
            continue
    raise ConflictError(_("Somebody else is changing this just now; try again."))


def _turn_once(wish: _Wish) -> EditOutcome:
    variant = editable_variant(wish.variant_id, wish.actor)
    edit = wish.edit()
    changes = _changes(edit, wish.kind)
    book = _locked(variant, changes, wish.actor)
    if wish.edit() != edit:
        raise _AnotherError
    refuse_overtaken(book, changes, wish.actor)
    forgiven = {mark_of(data) for data in edit.mended} if wish.kind == EditKind.UNDO else set()
    verdict = judged(book, changes, forgiven)
    refuse_broken(verdict)
    source = EditSource(edit.source)
    return store(verdict, Entry(wish.kind, [], wish.actor, source, reverses=edit, turned=last_turn(edit)))


def _locked(variant: ScheduleVariant, changes: list[Change], actor: User | None) -> EditBook:
    people = _people(changes)
    if editable_people(variant, people, actor) != people:
        raise NotAllowedError(_("You may no longer edit the shifts of everybody whom this edit concerns."))
    return lock_book(variant.pk, people)


def _changes(edit: ScheduleEdit, kind: EditKind) -> list[Change]:
    changes = changes_of(edit)
    return [change.inverse for change in changes] if kind == EditKind.UNDO else changes


def _people(changes: list[Change]) -> set[int]:
    return {side.employee_id for change in changes for side in change.sides}
