"""Outliers of a queue's history: days first, then runs of intervals of days that are ordinary as a whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.forecasting import find_fences
from apps.core import zones
from apps.demand.selectors.corrections import corrections_in_force
from apps.demand.selectors.history import local_history, member_ids, recorded_step_s
from apps.demand.selectors.special_days import names_of_days
from apps.demand.types import InstantSpan, Outlier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.forecasting import Fences
    from apps.demand.types import Correction, FloatArray, IntArray, LocalHistory
    from apps.organization.models import Queue

AROUND = dt.timedelta(weeks=5)
OUTER, INNER = 2, 1
_WHOLE_DAY = 0.9  # share of a weekday's usual intervals from which its total can be judged
_FEW_SLOTS = 0.25  # share of a day's intervals
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was recorded on the queue's clock with the fences around it.

    `recorded` and `corrected` hold contacts of shape (days, slots) from `first_day`; `slots` are their
    fences, `days` those of the totals, shape (days, 1).
    """

    first_day: dt.date
    step_s: int
    zone: str
    recorded: FloatArray
    corrected: FloatArray
    slots: Fences
    totals: FloatArray
    days: Fences

    def rows(self, first: dt.date, end: dt.date) -> slice:
        """Give the rows of the days from `first` up to `end` that were recorded."""
        begin = max((first - self.first_day).days, 0)
        return slice(begin, max(min((end - self.first_day).days, len(self.recorded)), begin))

    def span(self, day: int, first_slot: int, slots: int) -> InstantSpan:
        """Give the instants of intervals of one day."""
        begin = np.datetime64(self.first_day + day * _DAY, "s") + first_slot * self.step_s
        last = begin + (slots - 1) * self.step_s
        found = zones.resolve(np.array([begin, last]), self.zone)
        step = dt.timedelta(seconds=self.step_s)
        return InstantSpan(zones.to_datetime(found.utc[0]), zones.to_datetime(found.second_utc[1]) + step)


def analyse(queue: Queue, first: dt.date, end: dt.date) -> Analysis | None:
    """Lay the fences around the local days from `first` up to `end`; None where nothing was recorded.

    The yardstick are the corrected figures of five weeks to each side. Seven queries, and one for each
    corrected queue of an aggregated one.
    """
    step_s = recorded_step_s(queue.pk, zones.midnight(first, queue.time_zone))
    begin, last = first - AROUND, end + AROUND
    recorded = local_history(queue.pk, queue.time_zone, begin, last, step_s, corrected=False)
    corrected = local_history(queue.pk, queue.time_zone, begin, last, step_s)
    if recorded is None or corrected is None:
        return None
    totals, ordinary = _totals(recorded), _totals(corrected)
    return Analysis(
        first_day=recorded.first_day,
        step_s=recorded.step_s,
        zone=queue.time_zone,
        recorded=recorded.calls,
        corrected=corrected.calls,
        slots=find_fences(recorded.calls, corrected.calls),
        totals=totals,
        days=find_fences(totals, ordinary),
    )


def find_outliers(
    queue: Queue, first: dt.date, end: dt.date, *, least: int = OUTER, analysis: Analysis | None = None
) -> list[Outlier]:
    """Give the outliers of the local days from `first` up to `end` in order of time.

    A day whose total is one stands for its intervals, unless a few of them alone make it so. `least` is the
    severity from which one counts.
    """
    analysis = analysis or analyse(queue, first, end)
    if analysis is None:
        return []
    zone = queue.time_zone
    held = corrections_in_force(member_ids(queue.pk), zones.midnight(first, zone), zones.midnight(end, zone))
    names = names_of_days(queue, first, end)
    rows = analysis.rows(first, end)
    found: list[Outlier] = []
    for day in range(rows.start, rows.stop):
        name = names.get(analysis.first_day + day * _DAY, "")
        if analysis.days.severity[day, 0] >= least and not _is_explained(analysis, day):
            found.append(_whole_day(analysis, day, name, held))
            continue
        found += [_run(analysis, day, run, name, held) for run in _runs(analysis, day, least)]
    return found


def _totals(history: LocalHistory) -> FloatArray:
    """Give the total of each day, shape (days, 1); NaN where much of it is unknown."""
    known = np.isfinite(history.calls)
    seen = known.sum(axis=1)
    weekday = (history.first_day.weekday() + np.arange(seen.size)) % 7
    usual = np.zeros(seen.size)
    for number in range(7):
        days = (weekday == number) & (seen > 0)
        usual[weekday == number] = np.median(seen[days]) if days.any() else 0
    whole = (seen > 0) & (seen >= _WHOLE_DAY * usual)
    return np.where(whole, np.nansum(history.calls, axis=1), np.nan)[:, None]


def _is_explained(analysis: Analysis, day: int) -> bool:
    """Tell whether a few wild intervals alone make the day one: at their usual values it is ordinary."""
    wild = analysis.slots.severity[day] == OUTER
    if not wild.any() or wild.mean() > _FEW_SLOTS:
        return False
    excess = (analysis.recorded[day] - analysis.slots.expected[day])[wild].sum()
    left = analysis.totals[day, 0] - excess
    return bool(analysis.days.outer_low[day, 0] <= left <= analysis.days.outer_high[day, 0])


def _whole_day(analysis: Analysis, day: int, name: str, held: Sequence[Correction]) -> Outlier:
    slots = analysis.recorded.shape[1]
    fences = analysis.days
    return _outlier(
        analysis,
        day,
        analysis.span(day, 0, slots),
        fences,
        np.array([0]),
        special=name,
        held=held,
        is_day=True,
        actual=float(analysis.totals[day, 0]),
    )


def _runs(analysis: Analysis, day: int, least: int) -> list[IntArray]:
    """Give the outlying slots of a day, those together that follow each other to the same side."""
    severity = analysis.slots.severity[day]
    slots = np.flatnonzero(severity >= least)
    above = analysis.recorded[day, slots] > analysis.slots.expected[day, slots]
    cut = np.flatnonzero((np.diff(slots) > 1) | (above[1:] != above[:-1])) + 1
    return [run.astype(np.int64) for run in np.split(slots, cut) if run.size]


def _run(analysis: Analysis, day: int, run: IntArray, name: str, held: Sequence[Correction]) -> Outlier:
    return _outlier(
        analysis,
        day,
        analysis.span(day, int(run[0]), run.size),
        analysis.slots,
        run,
        special=name,
        held=held,
        is_day=False,
        actual=float(analysis.recorded[day, run].sum()),
    )


def _outlier(
    analysis: Analysis,
    day: int,
    span: InstantSpan,
    fences: Fences,
    slots: IntArray,
    *,
    special: str,
    held: Sequence[Correction],
    is_day: bool,
    actual: float,
) -> Outlier:
    def total(values: FloatArray) -> float:
        return float(values[day, slots].sum())

    return Outlier(
        span=span,
        day=analysis.first_day + day * _DAY,
        is_day=is_day,
        intervals=analysis.recorded.shape[1] if is_day else slots.size,
        actual=actual,
        expected=total(fences.expected),
        low=total(fences.inner_low),
        high=total(fences.inner_high),
        outer_low=total(fences.outer_low),
        outer_high=total(fences.outer_high),
        severity=int(fences.severity[day, slots].max()),
        neighbours=int(fences.neighbours[day, slots].min()),
        special=special,
        correction=_decided(span, held),
    )


def _decided(span: InstantSpan, held: Sequence[Correction]) -> Correction | None:
    """Give the last correction of the whole span: what a person decided about it, "as recorded" too."""
    covering = [item for item in held if item.span.start <= span.start and span.end <= item.span.end]
    return covering[-1] if covering else None
