"""What stands around a grid for those who edit: addresses, undo and redo by name, the last edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.schedules.models import ScheduleEdit
from apps.schedules.policies import may_edit
from apps.schedules.selectors.edit_log import edit_lines, titles_of
from apps.schedules.selectors.edits import undo_state

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.views.place import Place

SHOWN_EDITS = 10


@dataclass(frozen=True)
class Step:
    """A button that goes back or forth; `label` says what it would undo or redo."""

    name: str
    keys: str
    url: str
    edit: ScheduleEdit | None
    label: str


def edit_controls(
    user: User | AnonymousUser, place: Place, variant: ScheduleVariant, back: str
) -> dict[str, Any]:
    """Give the context of the bar, the dialogs and the last edits; `back` is the address of the grid."""
    names = [place.group.code, place.code]
    can_edit = may_edit(user, variant)
    log = ScheduleEdit.objects.filter(variant=variant)
    return {
        "can_edit": can_edit,
        "edit_url": reverse("schedules:edit", args=names),
        "edits_url": reverse("schedules:edits-page", args=names),
        "back": back,
        "edits": edit_lines(variant, user, log, SHOWN_EDITS),
        "steps": _steps(user, place, variant) if can_edit else [],
    }


def _steps(user: User | AnonymousUser, place: Place, variant: ScheduleVariant) -> list[Step]:
    state = undo_state(variant.pk, cast("User", user))
    titles = titles_of(variant, [edit for edit in (state.undo, state.redo) if edit is not None])
    names = [place.group.code, place.code]
    texts = {
        "undo": (_("Undo: %(what)s"), _("Nothing to undo"), "Control+Z", state.undo),
        "redo": (_("Redo: %(what)s"), _("Nothing to redo"), "Control+Y", state.redo),
    }
    return [
        Step(
            name=name,
            keys=keys,
            url=reverse(f"schedules:edit-{name}", args=names),
            edit=edit,
            label=label % {"what": titles[edit.pk]} if edit is not None else nothing,
        )
        for name, (label, nothing, keys, edit) in texts.items()
    ]
