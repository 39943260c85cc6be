"""What an edit on a page is about: the variant, the selected cells and the form that is filled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.errors import NotAllowedError, NotFoundError, StaleError
from apps.core.web.numbers import read_number
from apps.schedules.forms.cells import read_cells, read_pairs, read_seen, write_seen
from apps.schedules.forms.edits import Offers, forms_for
from apps.schedules.policies import may_edit, variants_visible_to
from apps.schedules.selectors.selection import (
    activity_kinds,
    free_day,
    people_choices,
    selection_of,
    swap_choices,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import QueryDict

    from apps.accounts.models import User
    from apps.schedules.forms.edits import EditForm
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types.selection import Selection
    from apps.schedules.views.place import Place


@dataclass(frozen=True)
class EditTask:
    """`seen` holds the revisions of the shifts that the person saw when the form was opened."""

    place: Place
    variant: ScheduleVariant
    selection: Selection
    form: EditForm
    kinds: tuple[type[EditForm], ...]
    seen: dict[int, int]

    @cached_property
    def current(self) -> dict[int, int]:
        """The revisions of the selected shifts as they are now."""
        return {shift.shift_id: shift.revision for shift in self.selection.shifts}

    @property
    def expected(self) -> dict[int, int]:
        return self.seen | self.form.expected

    def check_fresh(self) -> None:
        """Raise `StaleError` when shifts came into or left the selection since the form was opened.

        Whether those that stayed are as they were is the service's to check.
        """
        if self.seen.keys() != self.current.keys():
            raise StaleError(_("The schedule was changed meanwhile."))


def variant_of(user: User | AnonymousUser, place: Place, values: QueryDict) -> ScheduleVariant:
    """Find the variant of a form or address; raises `NotFoundError` where the reader sees none such."""
    rows = variants_visible_to(user).filter(group=place.group, month=place.month)
    found = rows.select_related("group").filter(pk=read_number(values.get("variant", ""))).first()
    if found is None:
        raise NotFoundError(_("There is no such variant in this month."))
    return found


def editable_variant(user: User | AnonymousUser, place: Place, values: QueryDict) -> ScheduleVariant:
    """Find the variant for an edit; raises `NotAllowedError` where the person may not edit it."""
    require(user, Capability.EDIT_SCHEDULE)
    variant = variant_of(user, place, values)
    if not may_edit(user, variant):
        raise NotAllowedError(_("This variant cannot be edited by you."))
    return variant


def read_task(user: User | AnonymousUser, place: Place, values: QueryDict, *, is_filled: bool) -> EditTask:
    """Read the selection and its form; `is_filled` says whether the form was sent or is only opened."""
    variant = editable_variant(user, place, values)
    selection = _selection(user, variant, values)
    if not is_filled and any(cell.is_gone for cell in selection.cells):
        raise NotFoundError(_("This shift is not there any more."))
    kinds = forms_for(selection)
    wanted = values.get("kind", "")
    form_class = next((kind for kind in kinds if kind.name == wanted), kinds[0])
    options: dict[str, Any] = {"data": values} if is_filled else {}
    form = form_class(**options, selection=selection, offers=_offers(user, variant, selection))
    current = {shift.shift_id: shift.revision for shift in selection.shifts}
    seen = dict(read_seen(values.get("seen", ""))) if is_filled else current
    return EditTask(place, variant, selection, form, kinds, seen)


def _selection(user: User | AnonymousUser, variant: ScheduleVariant, values: QueryDict) -> Selection:
    cells, sources = values.get("cells", ""), values.get("sources", "")
    if sources:
        return selection_of(variant, user, *read_pairs(cells, sources))
    if not cells and values.get("person"):
        cells = f"{values['person']}:{values.get('day', '')}"
    addresses = read_cells(cells)
    if not addresses:
        raise NotFoundError(_("Select a cell of the schedule first."))
    return selection_of(variant, user, addresses)


def _offers(user: User | AnonymousUser, variant: ScheduleVariant, selection: Selection) -> Offers:
    return Offers(
        people=partial(people_choices, variant, user),
        swaps=partial(swap_choices, variant, user, selection.cell),
        kinds=activity_kinds,
        free_day=partial(free_day, variant, selection.cell),
        queues=lambda: list(variant.group.queues.values_list("pk", "name")),
    )


def seen_text(task: EditTask) -> str:
    """Give what the person sees now, for the hidden field of the form."""
    return write_seen(task.current)
