"""Whose shifts an edit touches, their locks, and whether they are still as the person saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import StaleError
from apps.core.locks import lock_in_order
from apps.organization.models import Employee
from apps.schedules.models import ScheduleVariant, Shift
from apps.schedules.policies import editable_people, refuse_archived
from apps.schedules.selectors.edit_book import read_book
from apps.schedules.selectors.snapshots import snapshots

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from apps.accounts.models import User
    from apps.schedules.selectors.edit_book import EditBook
    from apps.schedules.types import Change, Command, ShiftSnapshot

SHIFT_NAMES = ("shift_id", "first_id", "second_id")


def holders_of(variant: ScheduleVariant, commands: Sequence[Command], actor: User | None) -> dict[int, int]:
    """Give whose the named shifts are, of people whom `actor` may edit; the others are not known of."""
    ids = _named(commands, *SHIFT_NAMES)
    rows = Shift.objects.filter(variant=variant, pk__in=ids).values_list("pk", "employee_id")
    holders = dict(rows)
    editable = editable_people(variant, set(holders.values()), actor)
    return {pk: employee_id for pk, employee_id in holders.items() if employee_id in editable}


def people_of(
    variant: ScheduleVariant, holders: Mapping[int, int], commands: Sequence[Command], actor: User | None
) -> frozenset[int]:
    """Give everybody whom the commands concern and whom `actor` may edit."""
    others = _named(commands, "employee_id") - set(holders.values())
    named = editable_people(variant, others, actor) if others else frozenset()
    return frozenset(holders.values()) | named


def _named(commands: Sequence[Command], *names: str) -> set[int]:
    values = (getattr(command, name, None) for command in commands for name in names)
    return {value for value in values if value is not None}


def lock_book(variant_id: int, employee_ids: Collection[int]) -> EditBook:
    """Lock the people and the variant, in the order of publishing, and read the book as it is then."""
    people = Employee.objects.filter(pk__in=employee_ids)
    variants = ScheduleVariant.objects.select_related("group").filter(pk=variant_id)
    _locked, (variant,) = lock_in_order(people, variants)
    refuse_archived(variant)
    return read_book(variant, employee_ids)


def refuse_stale(
    book: EditBook, expected: Mapping[int, int], holders: Mapping[int, int], actor: User | None
) -> None:
    """Raise `StaleError` where a shift has another revision than `expected`, or has just gone.

    `extra` holds the shifts as they are now under `current`, and the ids of those that are `gone`.
    """
    elsewhere = _elsewhere(book, {*expected, *holders} - book.shifts.keys(), actor)
    now = book.shifts | elsewhere
    stale = [pk for pk, revision in expected.items() if pk not in now or now[pk].revision != revision]
    stale += [pk for pk in holders if pk not in book.shifts and pk not in stale]
    if stale:
        raise stale_error([now[pk] for pk in stale if pk in now], [pk for pk in stale if pk not in now])


def refuse_overtaken(book: EditBook, changes: Sequence[Change], actor: User | None) -> None:
    """Raise `StaleError` unless every shift is as the changes found it."""
    before = {change.shift_id: change.before for change in changes}
    elsewhere = _elsewhere(book, before.keys() - book.shifts.keys(), actor)
    now = book.shifts | elsewhere
    stale = [
        pk
        for pk, side in before.items()
        if (side is None) != (pk not in now)
        or (side is not None and (pk not in book.shifts or book.shifts[pk].revision != side.revision))
    ]
    if stale:
        raise stale_error([now[pk] for pk in stale if pk in now], [pk for pk in stale if pk not in now])


def stale_error(current: Iterable[ShiftSnapshot], gone: Iterable[int]) -> StaleError:
    message = _("Somebody changed the shift meanwhile; look at it as it is now.")
    return StaleError(message, current=[shift.as_data() for shift in current], gone=list(gone))


def _elsewhere(book: EditBook, missing: Collection[int], actor: User | None) -> dict[int, ShiftSnapshot]:
    """Give the named shifts of the variant that people outside the book hold, as far as `actor` may know."""
    if not missing:
        return {}
    found = snapshots(Shift.objects.filter(variant=book.variant, pk__in=missing))
    editable = editable_people(book.variant, {shift.employee_id for shift in found.values()}, actor)
    return {pk: shift for pk, shift in found.items() if shift.employee_id in editable}
