"""The recorded series, cut and given handle times, as a file that the product imports."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.demo.blueprint import DATA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.demo.blueprint import QueuePlan
    from apps.demo.callrecords import CallFacts

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class ShiftedSeries:
    """Rows of the original dates whose shifted dates precede the planned month."""

    starts: list[dt.datetime]
    calls: NDArray[np.int64]
    weeks_shifted: int

    @property
    def original(self) -> str:
        return f"{self.starts[0]:%Y-%m-%d}..{self.starts[-1]:%Y-%m-%d}"

    @property
    def shifted(self) -> str:
        first, last = (start + self.weeks_shifted * WEEK for start in (self.starts[0], self.starts[-1]))
        return f"{first:%Y-%m-%d}..{last:%Y-%m-%d}"


def planned_month(today: dt.date) -> dt.date:
    """Give the first whole month that begins a month or more after `today`: art. 103 wants that notice."""
    following = _next_month(today)
    day = min(today.day, (_next_month(following) - dt.timedelta(days=1)).day)
    in_a_month = following.replace(day=day)
    return in_a_month if in_a_month.day == 1 else _next_month(in_a_month)


def shifted_series(plan: QueuePlan, month: dt.date) -> ShiftedSeries:
    """Read the series of a queue and find the whole weeks that bring its last full week before `month`."""
    starts, calls = _read(plan.file)
    last_sunday = _sunday_until(starts[-1].date())
    target = _sunday_until(month - dt.timedelta(days=1))
    weeks = (target - last_sunday) // WEEK
    kept = sum((start + weeks * WEEK).date() < month for start in starts)
    return ShiftedSeries(starts[:kept], calls[:kept], weeks)


def as_csv(series: ShiftedSeries, facts: CallFacts, *, seed: int) -> io.BytesIO:
    """Write the rows with handle times drawn for every call from the answered calls of the call file."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice(facts.handle_times_s, size=int(series.calls.sum()))
    totals = np.concatenate([[0.0], np.cumsum(drawn)])
    ends = np.cumsum(series.calls)
    handle_s = np.rint(totals[ends] - totals[ends - series.calls]).astype(np.int64)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("interval_start", "calls", "handled", "handle_s"))
    rows = zip(series.starts, series.calls.tolist(), handle_s.tolist(), strict=True)
    writer.writerows((f"{start:%Y-%m-%d %H:%M:%S}", count, count, total) for start, count, total in rows)
    return io.BytesIO(text.getvalue().encode())


def _read(name: str) -> tuple[list[dt.datetime], NDArray[np.int64]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    starts = [dt.datetime.fromisoformat(row["interval_start"]) for row in rows]
    return starts, np.array([int(row["calls"]) for row in rows], dtype=np.int64)


def _sunday_until(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=(day.weekday() + 1) % 7)


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
