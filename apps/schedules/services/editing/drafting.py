"""What commands make of the shifts of a book: nothing is stored, every refusal names the field."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import singledispatch
from itertools import count
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.algorithms.rostering.shifts import ActivityKind
from apps.core.errors import DomainError
from apps.schedules.selectors.edit_cover import Difference
from apps.schedules.services.editing.laying import Wanted, lay
from apps.schedules.services.editing.painting import emptied, leaf_at, moved, painted, shifted
from apps.schedules.types import (
    AddShift,
    Change,
    CopyShift,
    DeleteShift,
    MoveActivity,
    MoveShift,
    PlaceActivity,
    RemoveActivity,
    ResizeShift,
    ShiftSnapshot,
    SplitShift,
    SwapShifts,
    field_error,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.schedules.selectors.edit_book import BookPerson, EditBook
    from apps.schedules.types import ActivityFacts, Command

GRID_S = 300
JUDGED_KINDS = frozenset(kind.value for kind in ActivityKind)
"""What the labour rules can judge."""
LONGEST = dt.timedelta(hours=24)
NEAR = dt.timedelta(days=4)
"""By how much the times of a command may lie outside the group's month: zones, and what runs over its end."""


class Draft:
    """The shifts of a book as the commands so far have left them; new ones have negative ids."""

    def __init__(self, book: EditBook) -> None:
        self.book = book
        self.shifts = dict(book.shifts)
        self.difference = Difference(book.month)
        self._new_ids = count(-1, -1)

    def changes(self) -> list[Change]:
        """Give what differs from the book, by shift."""
        ids = sorted(self.book.shifts.keys() | self.shifts.keys())
        pairs = ((self.book.shifts.get(shift_id), self.shifts.get(shift_id)) for shift_id in ids)
        return [Change(before, after) for before, after in pairs if before != after]

    def shift(self, name: str, shift_id: int) -> ShiftSnapshot:
        found = self.shifts.get(shift_id)
        if found is None:
            raise field_error(name, _("There is no shift %(key)s in this variant.") % {"key": shift_id})
        return found

    def person(self, name: str, employee_id: int) -> BookPerson:
        found = self.book.people.get(employee_id)
        if found is None:
            message = _("Person %(key)s is not planned in this variant.")
            raise field_error(name, message % {"key": employee_id})
        return found

    def put(self, shift: ShiftSnapshot, *, name: str = "start") -> None:
        """Take a shift in: its day is that of its person's clock, its paid time that of its activities."""
        zone = self.book.people[shift.employee_id].zone
        local_date = shift.start.astimezone(zone).date()
        month = self.book.month
        if not month.first <= local_date <= month.last:
            raise self.outside(name)
        kinds = self.book.kinds
        paid = (leaf.end - leaf.start for leaf in shift.activities if kinds[leaf.kind].is_paid)
        paid_s = int(sum(paid, dt.timedelta()).total_seconds())
        self.remove(shift.shift_id)
        self.difference.take(shift.activities, 1)
        self.shifts[shift.shift_id] = replace(shift, local_date=local_date, paid_s=paid_s)

    def outside(self, name: str) -> DomainError:
        message = _("A shift of this variant begins in %(month)s, by the person's clock.")
        return field_error(name, message % {"month": f"{self.book.month.first:%Y-%m}"})

    def add(self, person: BookPerson, activities: tuple[ActivityFacts, ...], *, name: str = "start") -> None:
        start, end = activities[0].start, activities[-1].end
        shift_id = next(self._new_ids)
        day = self.book.month.first
        self.put(ShiftSnapshot(shift_id, person.employee_id, day, start, end, 0, activities), name=name)

    def remove(self, shift_id: int) -> None:
        known = self.shifts.pop(shift_id, None)
        if known is not None:
            self.difference.take(known.activities, -1)


def draft_of(book: EditBook, commands: Sequence[Command]) -> Draft:
    """Do the commands one after the other; in a batch a refusal names the command by its place."""
    draft = Draft(book)
    book.cover.expect(_instants_of(book, commands))
    for place, command in enumerate(commands):
        try:
            _perform(command, draft)
        except DomainError as error:
            if len(commands) == 1:
                raise
            fields = {f"commands.{place}.{name}": texts for name, texts in error.fields.items()}
            raise DomainError(error.message, fields=fields) from error
    return draft


def _instants_of(book: EditBook, commands: Sequence[Command]) -> Iterator[dt.datetime]:
    """Give the instants that the commands name, and the edges of the shifts that they name."""
    for command in commands:
        for value in vars(command).values():
            if isinstance(value, dt.datetime) and is_near(book, value):
                yield value
            elif isinstance(value, int) and value in book.shifts:
                yield book.shifts[value].start
                yield book.shifts[value].end


def is_near(book: EditBook, instant: dt.datetime) -> bool:
    """Tell whether one can reckon with the instant: it has an offset and lies about the month."""
    month = book.month
    return instant.tzinfo is not None and month.start - NEAR <= instant <= month.end + NEAR


@singledispatch
def _perform(command: Command, draft: Draft) -> None:
    raise TypeError(f"{type(command).__name__} is no command, asked of {draft.book.variant}")


@_perform.register(MoveShift)
def _move(command: MoveShift, draft: Draft) -> None:
    shift = draft.shift("shift_id", command.shift_id)
    if command.start is None and command.employee_id is None:
        raise field_error("start", _("Say another time or another person."))
    if command.employee_id is not None:
        shift = _given_to(draft, shift, draft.person("employee_id", command.employee_id))
    if command.start is not None:
        shift = shifted(shift, _on_grid(draft, "start", command.start) - shift.start)
    draft.put(shift, name="employee_id" if command.start is None else "start")


@_perform.register(ResizeShift)
def _resize(command: ResizeShift, draft: Draft) -> None:
    shift = draft.shift("shift_id", command.shift_id)
    start, end = _span(draft, command.start, command.end)
    if (start, end) != (shift.start, shift.end):
        draft.put(_laid(draft, shift, start, end))


@_perform.register(SplitShift)
def _split(command: SplitShift, draft: Draft) -> None:
    """Lay both parts anew; the second keeps its length, however much later it begins."""
    shift = draft.shift("shift_id", command.shift_id)
    at = _on_grid(draft, "at", command.at)
    if not shift.start < at < shift.end:
        raise field_error("at", _("A shift is split inside, between its start and its end."))
    resume = at if command.resume is None else _on_grid(draft, "resume", command.resume)
    if resume < at:
        raise field_error("resume", _("The second part begins when the first one ends, or later."))
    key = shift.employee_id if command.employee_id is None else command.employee_id
    person = draft.person("employee_id", key)
    if resume == at and key == shift.employee_id:
        raise field_error("resume", _("Say when the second part begins, or whose it is."))
    work = _work_queue(_given_to(draft, shift, person).activities, person)
    draft.put(_laid(draft, shift, shift.start, at))
    rest = Wanted(person, resume, resume + (shift.end - at), work, draft.difference)
    draft.add(person, lay(draft.book, rest), name="resume")


@_perform.register(SwapShifts)
def _swap(command: SwapShifts, draft: Draft) -> None:
    first = draft.shift("first_id", command.first_id)
    second = draft.shift("second_id", command.second_id)
    if first.employee_id == second.employee_id:
        raise field_error("second_id", _("Both shifts are the same person's."))
    people = draft.book.people
    draft.put(_given_to(draft, first, people[second.employee_id]), name="first_id")
    draft.put(_given_to(draft, second, people[first.employee_id]), name="second_id")


@_perform.register(CopyShift)
def _copy(command: CopyShift, draft: Draft) -> None:
    """Begin at the same hour of the new person's clock; an hour that clocks skip becomes the next one."""
    shift = draft.shift("shift_id", command.shift_id)
    person = draft.person("employee_id", command.employee_id)
    if not draft.book.month.first <= command.local_date <= draft.book.month.last:
        raise draft.outside("local_date")
    local = shift.start.astimezone(draft.book.people[shift.employee_id].zone)
    start = dt.datetime.combine(command.local_date, local.time(), person.zone).astimezone(dt.UTC)
    copy = shifted(_given_to(draft, shift, person), start - shift.start)
    draft.add(person, copy.activities, name="local_date")


@_perform.register(DeleteShift)
def _delete(command: DeleteShift, draft: Draft) -> None:
    draft.remove(draft.shift("shift_id", command.shift_id).shift_id)


@_perform.register(AddShift)
def _add(command: AddShift, draft: Draft) -> None:
    person = draft.person("employee_id", command.employee_id)
    start, end = _span(draft, command.start, command.end)
    draft.add(person, lay(draft.book, Wanted(person, start, end, person.row.queue_id, draft.difference)))


@_perform.register(PlaceActivity)
def _place(command: PlaceActivity, draft: Draft) -> None:
    shift = draft.shift("shift_id", command.shift_id)
    kind = draft.book.kinds.get(command.kind)
    if kind is None or command.kind not in JUDGED_KINDS:
        known = ", ".join(sorted(JUDGED_KINDS & draft.book.kinds.keys()))
        message = _("There is no activity %(kind)s; known are: %(known)s.")
        raise field_error("activity_kind", message % {"kind": command.kind, "known": known})
    start, end = _span(draft, command.start, command.end)
    if start < shift.start or end > shift.end:
        name = "start" if start < shift.start else "end"
        raise field_error(name, _("The activity lies outside its shift."))
    queue_id = command.queue_id
    if queue_id is not None and not kind.is_productive:
        raise field_error("queue_id", _("Only work is for a queue."))
    if queue_id is not None and queue_id not in draft.book.queues_of(shift.employee_id):
        raise field_error("queue_id", _("The person does not belong to queue %(key)s.") % {"key": queue_id})
    if kind.is_productive and queue_id is None:
        queue_id = draft.book.people[shift.employee_id].row.queue_id
    draft.put(painted(shift, command.kind, start, end, queue_id))


@_perform.register(MoveActivity)
def _move_activity(command: MoveActivity, draft: Draft) -> None:
    shift = draft.shift("shift_id", command.shift_id)
    leaf = _pause(shift, command.activity_start)
    start = _on_grid(draft, "start", command.start)
    end = start + (leaf.end - leaf.start)
    if start < shift.start or end > shift.end:
        raise field_error("start", _("The activity lies outside its shift."))
    queue_id = draft.book.people[shift.employee_id].row.queue_id
    draft.put(moved(shift, leaf, start, queue_id))


@_perform.register(RemoveActivity)
def _remove_activity(command: RemoveActivity, draft: Draft) -> None:
    shift = draft.shift("shift_id", command.shift_id)
    leaf = _pause(shift, command.activity_start)
    queue_id = draft.book.people[shift.employee_id].row.queue_id
    draft.put(emptied(shift, leaf, queue_id))


def _pause(shift: ShiftSnapshot, start: dt.datetime) -> ActivityFacts:
    leaf = leaf_at(shift, start)
    if leaf is None:
        raise field_error("activity_start", _("No activity of this shift begins then."))
    if leaf.kind == ActivityKind.WORK:
        raise field_error("activity_start", _("Work is what other activities leave; change those."))
    return leaf


def _given_to(draft: Draft, shift: ShiftSnapshot, person: BookPerson) -> ShiftSnapshot:
    """Give the shift to a person; work for the queue of the one before becomes work for the new one's."""
    own = draft.book.people[shift.employee_id].row.queue_id
    activities = tuple(
        replace(leaf, queue_id=person.row.queue_id) if leaf.queue_id == own else leaf
        for leaf in shift.activities
    )
    return replace(shift, employee_id=person.employee_id, activities=activities)


def _laid(draft: Draft, shift: ShiftSnapshot, start: dt.datetime, end: dt.datetime) -> ShiftSnapshot:
    person = draft.book.people[shift.employee_id]
    queue_id = _work_queue(shift.activities, person)
    activities = lay(draft.book, Wanted(person, start, end, queue_id, draft.difference, own=shift.activities))
    return replace(shift, start=start, end=end, activities=activities)


def _work_queue(activities: tuple[ActivityFacts, ...], person: BookPerson) -> int:
    """Give the queue of the first work; the person's where there is none."""
    queues = (leaf.queue_id for leaf in activities if leaf.queue_id is not None)
    return next(queues, person.row.queue_id)


def _span(draft: Draft, start: dt.datetime, end: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    start, end = _on_grid(draft, "start", start), _on_grid(draft, "end", end)
    if end <= start:
        raise field_error("end", _("The end lies after the start."))
    if end - start > LONGEST:
        raise field_error("end", _("A shift lasts 24 hours at most."))
    return start, end


def _on_grid(draft: Draft, name: str, instant: dt.datetime) -> dt.datetime:
    """Give the instant in UTC; far from the month it is refused before anybody reckons with it."""
    if instant.tzinfo is None:
        raise field_error(name, _("An instant needs its offset from UTC."))
    if not is_near(draft.book, instant):
        raise draft.outside(name)
    if instant.timestamp() % GRID_S:
        raise field_error(name, _("Times lie on five minutes."))
    return instant.astimezone(dt.UTC)
