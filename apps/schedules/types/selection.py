"""What a person has selected in a grid to be edited: cells with their shifts, told on each person's clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class CellAddress:
    """A person's day; `shift_id` names one of its shifts."""

    employee_id: int
    day: dt.date
    shift_id: int | None = None

    def __str__(self) -> str:
        shift = "" if self.shift_id is None else f":{self.shift_id}"
        return f"{self.employee_id}:{self.day.isoformat()}{shift}"


@dataclass(frozen=True)
class SelectedActivity:
    """A part of a shift; instants on the person's clock, `name` in the reader's language."""

    kind: str
    name: str
    start: dt.datetime
    end: dt.datetime
    queue_id: int | None = None


@dataclass(frozen=True)
class SelectedShift:
    """A shift as the person who edits sees it; instants on the person's clock."""

    shift_id: int
    revision: int
    start: dt.datetime
    end: dt.datetime
    paid_s: int
    activities: tuple[SelectedActivity, ...] = ()

    @property
    def length(self) -> dt.timedelta:
        return self.end.astimezone(dt.UTC) - self.start.astimezone(dt.UTC)

    @property
    def text(self) -> str:
        return f"{self.start:%H:%M}\u2013{self.end:%H:%M}"


@dataclass(frozen=True)
class SelectedCell:
    """A person's day with its shifts in order; `address` as it was asked for."""

    address: CellAddress
    name: str
    zone_name: str
    shifts: tuple[SelectedShift, ...]

    @property
    def day(self) -> dt.date:
        return self.address.day

    @property
    def employee_id(self) -> int:
        return self.address.employee_id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    @property
    def chosen(self) -> SelectedShift | None:
        """The shift that was named, None when it is gone; where none was named the first of the day."""
        if self.address.shift_id is None:
            return next(iter(self.shifts), None)
        return next((shift for shift in self.shifts if shift.shift_id == self.address.shift_id), None)

    @property
    def copied(self) -> tuple[SelectedShift, ...]:
        """What a copy of the cell holds: the shift that was named, else all of the day."""
        if self.address.shift_id is None:
            return self.shifts
        return (self.chosen,) if self.chosen else ()

    @property
    def is_gone(self) -> bool:
        """A shift was named that is not there any more."""
        return self.address.shift_id is not None and self.chosen is None


@dataclass(frozen=True)
class Selection:
    """The cells to be edited, at least one, and those that a paste copies, one for each of them."""

    cells: tuple[SelectedCell, ...]
    sources: tuple[SelectedCell, ...] = field(default=())

    @property
    def is_single(self) -> bool:
        return len(self.cells) == 1 and not self.sources

    @property
    def cell(self) -> SelectedCell:
        return self.cells[0]

    @property
    def shift(self) -> SelectedShift | None:
        return self.cell.chosen if self.is_single else None

    @cached_property
    def shifts(self) -> tuple[SelectedShift, ...]:
        """The shifts that an edit of the selection is about."""
        if self.is_single:
            return (self.shift,) if self.shift else ()
        return tuple(shift for cell in self.cells for shift in cell.shifts)

    @property
    def text(self) -> str:
        """The addresses of the cells as the grids send them."""
        return ",".join(str(cell.address) for cell in self.cells)

    @property
    def source_text(self) -> str:
        return ",".join(str(cell.address) for cell in self.sources)
