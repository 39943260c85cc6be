"""What the grids and pages show: plain facts, no rows of the database per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    from numpy.typing import NDArray

    from apps.forecasts.models import ForecastVersion
    from apps.jobs.models import Job
    from apps.organization.models import Queue
    from apps.schedules.models import PlanningGroup, ScheduleVariant
    from apps.staffing.models import RequirementVersion


@dataclass(frozen=True)
class Cover:
    """Required and scheduled agents in slots of `slot_s` seconds; all arrays have shape (n,).

    `under` and `over` are added up by queue: agents missing in one are not made up by an excess in another.
    """

    starts: NDArray[np.datetime64]
    slot_s: int
    required: NDArray[np.int64]
    scheduled: NDArray[np.int64]
    under: NDArray[np.int64]
    over: NDArray[np.int64]


@dataclass(frozen=True)
class GridFilters:
    """Which rows a grid shows; `department` is with all below it, a `-` in front of `order` reverses it.

    `clock` names the zone in which times are told; empty is the usual one: everybody's own in a month, the
    group's on a day.
    """

    department: int | None = None
    site: int | None = None
    work_rule: int | None = None
    name: str = ""
    only_violations: bool = False
    order: str = "name"
    clock: str = ""


@dataclass(frozen=True)
class FilterChoices:
    """What the rows of a variant can be filtered by: id and name."""

    departments: list[tuple[int, str]]
    sites: list[tuple[int, str]]
    work_rules: list[tuple[int, str]]
    zones: list[str]


@dataclass(frozen=True, slots=True)
class ShiftCell:
    """A shift in minutes of a clock from the midnight of its day; the end may exceed 1440.

    Where a day has several shifts, `shifts` says how many the cell stands for: from the start of the first to
    the end of the last, `shift_id` being the first. `is_edited`: changed by hand after it was planned.
    """

    shift_id: int
    start_minute: int
    end_minute: int
    paid_s: int
    is_edited: bool = False
    shifts: int = 1

    def joined(self, end_minute: int, paid_s: int, *, is_edited: bool) -> ShiftCell:
        """Give the cell of this and a later shift of the same day."""
        return ShiftCell(
            self.shift_id,
            self.start_minute,
            end_minute,
            self.paid_s + paid_s,
            self.is_edited or is_edited,
            self.shifts + 1,
        )

    @property
    def text(self) -> str:
        return f"{_clock(self.start_minute)}–{_clock(self.end_minute)}"


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


@dataclass(frozen=True, slots=True)
class AbsenceCell:
    """An absence that touches the day; `code` is that of its kind."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a variant; `cells` has one entry for each day of the month."""

    employee_id: int
    name: str
    personnel_number: str
    department: str
    site: str
    zone: str
    work_rule: str
    queue: str
    norm_s: int
    paid_s: int
    shifts: int
    violations: int
    cells: list[ShiftCell | AbsenceCell | None]

    @property
    def off_norm_s(self) -> int:
        return self.paid_s - self.norm_s


@dataclass(frozen=True, slots=True)
class DayTotal:
    """A day of the group: `people` and `paid_s` of the rows shown, the cover (agent-seconds) of everybody."""

    date: dt.date
    people: int
    paid_s: int
    required_s: int
    scheduled_s: int
    under_s: int
    over_s: int


@dataclass(frozen=True)
class MonthGrid:
    """People by days; the totals are of the `people` whom the filters let through."""

    days: list[dt.date]
    rows: list[PersonRow]
    day_totals: list[DayTotal]
    people: int
    norm_s: int
    paid_s: int
    violations: int


@dataclass(frozen=True, slots=True)
class Segment:
    """An activity in slots of 15 minutes of the day shown, cut to it; `kind` is the code of its kind."""

    kind: str
    start_slot: int
    end_slot: int
    shift_id: int
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class DayRow:
    """A person who has something on the day shown."""

    employee_id: int
    name: str
    personnel_number: str
    department: str
    site: str
    zone: str
    work_rule: str
    queue: str
    violations: int
    shift: ShiftCell | None
    absence: AbsenceCell | None
    segments: list[Segment]


@dataclass(frozen=True)
class DayGrid:
    """People by quarters of an hour of one day in `zone`, from the instant `start` up to `end`."""

    day: dt.date
    zone: str
    start: dt.datetime
    end: dt.datetime
    rows: list[DayRow]
    cover: Cover


@dataclass(frozen=True, slots=True)
class MySegment:
    """A part of one's own shift on the own clock."""

    kind: str
    name: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class MyShift:
    """One's own shift on the own clock; `date` is the day that it belongs to."""

    date: dt.date
    start: dt.datetime
    end: dt.datetime
    paid_s: int
    segments: list[MySegment]


@dataclass(frozen=True, slots=True)
class MyDay:
    """A day of one's own; a split day has more than one shift. `is_off`: free by the calendar."""

    date: dt.date
    shifts: list[MyShift]
    absence: AbsenceCell | None
    is_off: bool


@dataclass(frozen=True)
class MySchedule:
    """A person's published month in the person's own zone."""

    month: dt.date
    zone: str
    days: list[MyDay]
    paid_s: int
    norm_s: int | None
    published_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """A finding in the reader's language."""

    employee_id: int
    name: str
    code: str
    rule: str
    article: str
    mode: str
    text: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class QueueStage:
    """How far a queue has come on its way to a schedule of the month; `history` is first, last, rows."""

    queue: Queue
    history: tuple[dt.datetime, dt.datetime, int] | None
    import_job: Job | None
    forecast: ForecastVersion | None
    forecast_job: Job | None
    requirement: RequirementVersion | None
    requirement_job: Job | None


@dataclass(frozen=True)
class Overview:
    """The chain of a group and month; variants are newest first."""

    group: PlanningGroup
    month: dt.date
    queues: list[QueueStage]
    variants: list[ScheduleVariant]
    plan_job: Job | None
