"""The edits of shifts as forms: each turns what was typed into commands of the editing service."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.core.web.numbers import read_number
from apps.schedules.choices import EditKind
from apps.schedules.forms.clock import ClockField, clock_text, inside, instant, kept, span
from apps.schedules.types import (
    AddShift,
    CopyShift,
    DeleteShift,
    MoveActivity,
    MoveShift,
    PlaceActivity,
    RemoveActivity,
    ResizeShift,
    SplitShift,
    SwapShifts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.schedules.types import Command
    from apps.schedules.types.selection import SelectedCell, SelectedShift, Selection

PASTE = "paste"
MOST_COMMANDS = 200
DAYS = [MinValueValidator(dt.date(2000, 1, 1)), MaxValueValidator(dt.date(2200, 1, 1))]
SAME = gettext_lazy("the same person")


@dataclass(frozen=True)
class Offers:
    """What the forms let choose from; each is asked only by the form that shows it."""

    people: Callable[[], list[tuple[int, str]]]
    swaps: Callable[[], list[tuple[int, int, str]]]
    kinds: Callable[[], list[tuple[str, str]]]
    queues: Callable[[], list[tuple[int, str]]]
    free_day: Callable[[], dt.date | None]


class EditForm(forms.Form):
    """What every edit has: an optional reason, and `commands`, complete once the form is valid.

    `expected` holds the revisions that were seen of shifts beyond the selection.
    """

    name: ClassVar[str]
    title: ClassVar[Any]

    reason = forms.CharField(label=gettext_lazy("Reason (optional)"), required=False, max_length=300)

    def __init__(self, *args: Any, selection: Selection, offers: Offers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.selection = selection
        self.offers = offers
        self.commands: list[Command] = []
        self.expected: dict[int, int] = {}
        self.prepare()
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])
        for name in self.errors if self.is_bound else ():
            if name in self.fields:
                attrs = {"aria-invalid": "true", "aria-describedby": f"errors_{name}"}
                self.fields[name].widget.attrs.update(attrs)

    def prepare(self) -> None:
        """Fill the choices and what stands in the fields at first."""

    @abstractmethod
    def make_commands(self) -> list[Command]:
        """Give what was typed as commands; `ValidationError` says why it cannot be done."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            self.commands = self.make_commands()
        return values

    @property
    def shift(self) -> SelectedShift:
        """The one shift that the form is about."""
        found = self.selection.shift
        if found is None:
            raise ValidationError(_("There is no shift in this cell any more."), code="gone")
        return found

    @property
    def cell(self) -> SelectedCell:
        return self.selection.cell

    def offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so
        field.choices = choices


class TimesForm(EditForm):
    """Start and end: a shift is moved where its length stays, resized where not; an empty cell gets one."""

    name = EditKind.RESIZE.value
    title = pgettext_lazy("what to do", "Times")
    start = ClockField(label=gettext_lazy("Start"))
    end = ClockField(label=gettext_lazy("End"))

    def prepare(self) -> None:
        shift = next(iter(self.selection.shifts), None)
        if shift is not None:
            self.initial.update({"start": clock_text(shift.start), "end": clock_text(shift.end)})

    def make_commands(self) -> list[Command]:
        commands = [found for cell in self.selection.cells if (found := self._command(cell)) is not None]
        if not commands:
            raise ValidationError(_("Nothing is changed yet."), code="unchanged")
        return commands

    def clean_end(self) -> int:
        end: int = self.cleaned_data["end"]
        if end == self.cleaned_data.get("start"):
            raise ValidationError(_("A shift ends at another time than it begins."), code="empty")
        return end

    def _command(self, cell: SelectedCell) -> Command | None:
        start, end = span(cell.day, self.cleaned_data["start"], self.cleaned_data["end"], cell.zone)
        if cell.chosen is not None:
            start, end = kept(start, cell.chosen.start), kept(end, cell.chosen.end)
        if cell.is_gone:
            raise ValidationError(_("There is no shift in this cell any more."), code="gone")
        if not cell.shifts:
            return AddShift(cell.employee_id, start, end)
        if len(cell.shifts) > 1 and not self.selection.is_single:
            raise ValidationError(
                _("%(name)s has several shifts on %(day)s: change them one by one.")
                % {"name": cell.name, "day": cell.day},
                code="several",
            )
        shift = cell.chosen
        assert shift is not None  # noqa: S101 - the cell has shifts
        if (start, end) == (shift.start, shift.end):
            return None
        if end - start == shift.length:
            return MoveShift(shift.shift_id, start=start)
        return ResizeShift(shift.shift_id, start, end)


class MoveForm(EditForm):
    """Another day, another time, another person."""

    name = EditKind.MOVE.value
    title = pgettext_lazy("what to do", "Move")
    day = forms.DateField(
        label=gettext_lazy("Day"),
        validators=DAYS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    start = ClockField(label=gettext_lazy("Start"))
    person = forms.TypedChoiceField(label=gettext_lazy("Person"), coerce=int)

    def prepare(self) -> None:
        self.offer("person", self.offers.people())
        shift = self.selection.shift
        if shift is not None:
            self.initial.update({"day": shift.start.date(), "start": clock_text(shift.start)})
        self.initial["person"] = self.cell.employee_id

    def make_commands(self) -> list[Command]:
        values = self.cleaned_data
        start = kept(instant(values["day"], values["start"], self.cell.zone), self.shift.start)
        person = values["person"] if values["person"] != self.cell.employee_id else None
        other = start if start != self.shift.start else None
        if person is None and other is None:
            raise ValidationError(_("Nothing is changed yet."), code="unchanged")
        return [MoveShift(self.shift.shift_id, start=other, employee_id=person)]


class SplitForm(EditForm):
    """Two shifts of one; the second may begin later and be somebody else's."""

    name = EditKind.SPLIT.value
    title = pgettext_lazy("what to do", "Split")
    at = ClockField(label=gettext_lazy("First part ends at"))
    resume = ClockField(label=gettext_lazy("Second part begins at (optional)"), required=False)
    person = forms.TypedChoiceField(
        label=gettext_lazy("Second part is for"), coerce=int, required=False, empty_value=None
    )

    def prepare(self) -> None:
        self.offer("person", [("", SAME), *self.offers.people()])

    def make_commands(self) -> list[Command]:
        values = self.cleaned_data
        at = inside(self.shift, values["at"], self.cell.zone)
        resume = values["resume"]
        if resume is not None:
            resume = inside(self.shift, resume, self.cell.zone)
        return [SplitShift(self.shift.shift_id, at, resume=resume, employee_id=values["person"])]


class SwapForm(EditForm):
    """Two people exchange their shifts of a day; the choice carries the other's revision as it was seen."""

    name = EditKind.SWAP.value
    title = pgettext_lazy("what to do", "Swap")
    other = forms.ChoiceField(label=gettext_lazy("With the shift of"))

    def prepare(self) -> None:
        current = {str(pk): (f"{pk}:{revision}", text) for pk, revision, text in self.offers.swaps()}
        self.offer("other", [("", _("Choose")), *current.values()])
        chosen, _colon, revision = str(self.data.get("other", "")).partition(":")
        if chosen in current:
            self.expected = {int(chosen): read_number(revision or "0")}
            self.data = {**{name: self.data[name] for name in self.data}, "other": current[chosen][0]}

    def make_commands(self) -> list[Command]:
        return [SwapShifts(self.shift.shift_id, *self.expected)]


class CopyForm(EditForm):
    """The same hours on another day or for another person."""

    name = EditKind.COPY.value
    title = pgettext_lazy("what to do", "Copy")
    day = forms.DateField(
        label=gettext_lazy("Day"),
        validators=DAYS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    person = forms.TypedChoiceField(label=gettext_lazy("Person"), coerce=int)

    def prepare(self) -> None:
        self.offer("person", self.offers.people())
        self.initial.update({"person": self.cell.employee_id, "day": self.offers.free_day()})

    def make_commands(self) -> list[Command]:
        return [CopyShift(self.shift.shift_id, self.cleaned_data["person"], self.cleaned_data["day"])]


class PlaceForm(EditForm):
    """An activity over what is there."""

    name = EditKind.PLACE_ACTIVITY.value
    title = pgettext_lazy("what to do", "Place activity")
    activity = forms.ChoiceField(label=gettext_lazy("Activity"))
    start = ClockField(label=gettext_lazy("Start"))
    end = ClockField(label=gettext_lazy("End"))
    queue = forms.TypedChoiceField(label=gettext_lazy("Queue"), coerce=int, required=False, empty_value=None)

    def prepare(self) -> None:
        self.offer("activity", self.offers.kinds())
        self.offer("queue", [("", _("the person's own")), *self.offers.queues()])

    def make_commands(self) -> list[Command]:
        values = self.cleaned_data
        start, end = (inside(self.shift, values[edge], self.cell.zone) for edge in ("start", "end"))
        queue = values["queue"] if values["activity"] == "work" else None
        return [PlaceActivity(self.shift.shift_id, values["activity"], start, end, queue_id=queue)]


class _OfActivity(EditForm):
    """About one activity of the shift, named by its start."""

    activity = forms.ChoiceField(label=gettext_lazy("Activity"))

    def prepare(self) -> None:
        shift = self.selection.shift
        leaves = shift.activities if shift else ()
        self.offer(
            "activity",
            [
                (leaf.start.isoformat(), f"{leaf.name} {leaf.start:%H:%M}\u2013{leaf.end:%H:%M}")
                for leaf in leaves
                if leaf.kind != "work"
            ],
        )

    @property
    def begins(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.cleaned_data["activity"])


class MoveActivityForm(_OfActivity):
    """A lunch, a break, a training at another time of the shift."""

    name = EditKind.MOVE_ACTIVITY.value
    title = pgettext_lazy("what to do", "Move activity")
    start = ClockField(label=gettext_lazy("New start"))

    def make_commands(self) -> list[Command]:
        start = inside(self.shift, self.cleaned_data["start"], self.cell.zone)
        return [MoveActivity(self.shift.shift_id, self.begins, start)]


class RemoveActivityForm(_OfActivity):
    """An activity becomes work."""

    name = EditKind.REMOVE_ACTIVITY.value
    title = pgettext_lazy("what to do", "Remove activity")

    def make_commands(self) -> list[Command]:
        return [RemoveActivity(self.shift.shift_id, self.begins)]


class DeleteForm(EditForm):
    """No shift any more."""

    name = EditKind.DELETE.value
    title = pgettext_lazy("what to do", "Delete")

    def make_commands(self) -> list[Command]:
        if not self.selection.shifts:
            raise ValidationError(_("There is no shift in what is selected."), code="gone")
        return [DeleteShift(shift.shift_id) for shift in self.selection.shifts]


class PasteForm(EditForm):
    """Copies of what was copied in place of what is there."""

    name = PASTE
    title = pgettext_lazy("what to do", "Paste")

    def make_commands(self) -> list[Command]:
        copies: list[Command] = []
        removals: dict[int, Command] = {}
        for target, source in zip(self.selection.cells, self.selection.sources, strict=True):
            same = (target.employee_id, target.day) == (source.employee_id, source.day)
            if same or not source.copied:
                continue
            # Copies first: what is copied may itself have to make room for another copy.
            copies += [CopyShift(shift.shift_id, target.employee_id, target.day) for shift in source.copied]
            removals.update({shift.shift_id: DeleteShift(shift.shift_id) for shift in target.shifts})
        if not copies:
            raise ValidationError(_("There is no shift in what was copied."), code="gone")
        if len(copies) + len(removals) > MOST_COMMANDS:
            raise ValidationError(
                _("Paste less at once: an edit has %(most)s changes at most.") % {"most": MOST_COMMANDS},
                code="many",
            )
        return [*copies, *removals.values()]


_SHIFT_FORMS: tuple[type[EditForm], ...] = (
    TimesForm,
    MoveForm,
    SplitForm,
    SwapForm,
    CopyForm,
    PlaceForm,
    MoveActivityForm,
    RemoveActivityForm,
    DeleteForm,
)


def forms_for(selection: Selection) -> tuple[type[EditForm], ...]:
    """Give the edits that make sense for what is selected, the usual one first."""
    if selection.sources:
        return (PasteForm,)
    if selection.is_single:
        return _SHIFT_FORMS if selection.shift else (TimesForm,)
    return (TimesForm, DeleteForm) if selection.shifts else (TimesForm,)
