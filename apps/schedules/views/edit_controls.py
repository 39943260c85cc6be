"""What stands around a grid for those who edit: addresses, undo and redo by name, the last edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.schedules.forms import NO_CHOICES
from apps.schedules.models import ScheduleEdit
from apps.schedules.policies import may_edit
from apps.schedules.selectors.edit_log import edit_lines, titles_of
from apps.schedules.selectors.edits import undo_state
from apps.schedules.selectors.rows import filter_choices
from apps.schedules.services.editing import what_undo_skips

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser
    from django.http import QueryDict

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import FilterChoices
    from apps.schedules.types.edit_log import EditLine
    from apps.schedules.views.place import Place

SHOWN_EDITS = 10
CHOSEN = ("department", "site", "work_rule", "clock")


@dataclass(frozen=True)
class Step:
    """A button that goes back or forth; `label` says what it would undo or redo."""

    name: str
    keys: str
    url: str
    edit: ScheduleEdit | None
    label: str


@dataclass(frozen=True)
class Overtaken:
    """Edits that somebody has edited over since, by name; `ids` as a form sends them, `instead` is undone."""

    ids: str
    titles: list[str]
    instead: str


def overtaken(variant: ScheduleVariant, user: User) -> Overtaken | None:
    """Give what stands between the person and an undo, if anything does."""
    skipped, instead = what_undo_skips(variant_id=variant.pk, actor=user)
    if not skipped:
        return None
    titles = titles_of(variant, user, [*skipped, *([instead] if instead else [])])
    return Overtaken(
        ids=",".join(str(edit.pk) for edit in skipped),
        titles=[titles[edit.pk] for edit in skipped],
        instead=titles[instead.pk] if instead else "",
    )


def edit_controls(
    user: User | AnonymousUser, place: Place, variant: ScheduleVariant, back: str
) -> dict[str, Any]:
    """Give the context of the bar, the dialogs and the last edits; `back` is the address of the grid."""
    names = [place.group.code, place.code]
    can_edit = may_edit(user, variant)
    lines = edit_lines(variant, user, ScheduleEdit.objects.filter(variant=variant), SHOWN_EDITS)
    return {
        "can_edit": can_edit,
        "edit_url": reverse("schedules:edit", args=names),
        "edits_url": reverse("schedules:edits-page", args=names),
        "back": back,
        "edits": lines,
        "steps": _steps(user, place, variant, lines) if can_edit else [],
    }


def _steps(
    user: User | AnonymousUser, place: Place, variant: ScheduleVariant, lines: list[EditLine]
) -> list[Step]:
    state = undo_state(variant.pk, cast("User", user))
    titles = {line.edit_id: line.title for line in lines}
    older = [edit for edit in (state.undo, state.redo) if edit is not None and edit.pk not in titles]
    titles |= titles_of(variant, user, older)
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


def choices_for(
    variant: ScheduleVariant,
    user: User | AnonymousUser,
    query: QueryDict,
    only: Collection[int] | None,
) -> FilterChoices:
    """Give what the rows can be filtered by; nothing for a part of a grid whose address names none of it."""
    if only is not None and not any(query.get(name) for name in CHOSEN):
        return NO_CHOICES
    return filter_choices(variant, user)
