"""What the dashboard shows: plain facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from apps.demand.models import ImportBatch
    from apps.forecasts.models import ForecastVersion
    from apps.jobs.models import Job
    from apps.organization.models import Queue


@dataclass(frozen=True, slots=True)
class LastImport:
    """The newest import of a queue; None where nothing was imported yet."""

    queue: Queue
    batch: ImportBatch | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The back-test of a queue's newest active forecast: shares, or None where it was not measured."""

    version: ForecastVersion
    wape: float | None
    bias: float | None
    naive_wape: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a person: what it is about, why, and where to go. `level`: bad or warn."""

    kind: str
    about: str
    text: str
    url: str
    level: str = "warn"


@dataclass(frozen=True, slots=True)
class WaitingKind:
    """Things of one kind: the first few, and how many there are."""

    title: str
    level: str
    total: int
    items: list[Waiting]

    @property
    def more(self) -> int:
        return self.total - len(self.items)


@dataclass(frozen=True, slots=True)
class Day:
    """Cover of one local day by published schedules, in agent-seconds."""

    date: dt.date
    required_s: int
    scheduled_s: int
    under_s: int
    over_s: int

    @property
    def is_known(self) -> bool:
        """Tell whether anything is required or scheduled on this day."""
        return bool(self.required_s or self.scheduled_s)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Cover of the coming weeks, by days on the clock of `zone`, counted at `as_of` (UTC).

    `is_later`: the days do not begin today, but with the first one of which anything is known.
    """

    zone: str
    as_of: dt.datetime
    days: list[Day]
    is_later: bool = False

    @property
    def is_known(self) -> bool:
        """Tell whether anything is required or scheduled at all."""
        return any(day.is_known for day in self.days)

    @property
    def weeks(self) -> list[Day]:
        """The same by weeks of seven days; each bears the date of its first day."""
        return [_sum(self.days[first : first + 7]) for first in range(0, len(self.days), 7)]


def _sum(days: list[Day]) -> Day:
    return Day(
        days[0].date,
        sum(day.required_s for day in days),
        sum(day.scheduled_s for day in days),
        sum(day.under_s for day in days),
        sum(day.over_s for day in days),
    )


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The chain at a glance. `*_total` say how many there are where a list is cut."""

    imports: list[LastImport]
    imports_total: int
    accuracy: list[Accuracy]
    accuracy_total: int
    jobs: list[Job]
    jobs_total: int
    waiting: list[WaitingKind] = field(default_factory=list)

    @property
    def waiting_total(self) -> int:
        return sum(kind.total for kind in self.waiting)
