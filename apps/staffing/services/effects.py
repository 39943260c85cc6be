"""What a change of the forecast does to the requirement, computed in memory; nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from apps.accounts.policies import Capability, require
from apps.core import zones
from apps.forecasts.selectors import active_versions, forecast_points
from apps.staffing.services.deriving import compute_requirement
from apps.staffing.services.terms import find_terms
from apps.staffing.types import DayEffect, Effect

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from apps.accounts.models import User
    from apps.forecasts.models import ForecastVersion
    from apps.forecasts.types import ForecastArrays
    from apps.staffing.types import BoolArray

_HOUR_S = 3600
_Need = tuple[float, float, int]  # contacts, person-hours, most agents at once


def effect_of(*, version: ForecastVersion, points: ForecastArrays | None, actor: User | None) -> Effect:
    """Give the requirement of each local day before and after a change of a version's points.

    With `points` the change is these against the version's own; without, the version's own against the active
    ones (what activating it would do). Those may reach over another span: then only intervals of which both
    say something are compared, days of which only this version does stand without a before, and
    `Effect.compared` says so. Targets are those that hold now.

    Raises
    ------
    NotAllowedError
        The actor may not see the planning.
    DomainError
        A day that expects contacts has no target, or a target cannot be computed with.

    """
    require(actor, Capability.VIEW_PLANNING)
    own = forecast_points(version.pk)
    if points is not None:
        return _compared(_needs(version, own), _needs(version, points))
    active = active_versions(version.queue_id, version.start, version.end)
    of_active = [(other, forecast_points(other.pk)) for other in active]
    shared = np.zeros(own.starts.size, dtype=np.bool_)
    for _other, held in of_active:
        shared |= _within(own, held)
    before = _summed([_needs(other, _taken(held, _within(held, own))) for other, held in of_active])
    after = _needs(version, own)
    if not before or shared.all():
        return _compared(before, after)
    both = _needs(version, _taken(own, shared))
    effect = _compared(before, after | both)
    days = tuple(row for row in effect.days if row.first in both)
    return Effect(effect.days, _total(days), compared=(days[0].first, days[-1].last))


def _compared(before: dict[dt.date, _Need], after: dict[dt.date, _Need]) -> Effect:
    rows = tuple(_row(day, before.get(day), need) for day, need in sorted(after.items()))
    return Effect(rows, _total(rows))


def _within(points: ForecastArrays, other: ForecastArrays) -> BoolArray:
    """Tell which points begin while the others reach."""
    if not other.starts.size:
        return np.zeros(points.starts.size, dtype=np.bool_)
    inside: BoolArray = (points.starts >= other.starts[0]) & (
        points.starts < other.starts[-1] + np.timedelta64(other.step_s, "s")
    )
    return inside


def _taken(points: ForecastArrays, kept: BoolArray) -> ForecastArrays:
    names = ("starts", "calls", "lower", "upper", "aht_s")
    return replace(points, **{name: getattr(points, name)[kept] for name in names})


def _summed(parts: Sequence[dict[dt.date, _Need]]) -> dict[dt.date, _Need]:
    """Put the days of several versions together: two may meet within one."""
    found: dict[dt.date, _Need] = {}
    for part in parts:
        for day, (calls, hours, peak) in part.items():
            known = found.get(day, (0.0, 0.0, 0))
            found[day] = (known[0] + calls, known[1] + hours, max(known[2], peak))
    return found


def _needs(version: ForecastVersion, points: ForecastArrays) -> dict[dt.date, _Need]:
    """Give contacts, person-hours and the most agents at once of each local day."""
    if not points.starts.size:
        return {}
    required = compute_requirement(points, find_terms(version, points)).required
    days = zones.to_local(points.starts, version.queue.time_zone).astype("datetime64[D]")
    known, place = np.unique(days, return_inverse=True)
    calls = np.bincount(place, weights=points.calls)
    hours = np.bincount(place, weights=required) * points.step_s / _HOUR_S
    peak = np.zeros(known.size, dtype=np.int64)
    np.maximum.at(peak, place, required)
    return {
        day: (float(calls[index]), float(hours[index]), int(peak[index]))
        for index, day in enumerate(known.tolist())
    }


def _row(day: dt.date, before: _Need | None, after: _Need) -> DayEffect:
    known = before or (None, None, None)
    return DayEffect(
        first=day,
        last=day,
        calls_before=known[0],
        calls_after=after[0],
        hours_before=known[1],
        hours_after=after[1],
        peak_before=known[2],
        peak_after=after[2],
    )


def _total(rows: tuple[DayEffect, ...]) -> DayEffect:
    def known(name: str) -> list[float]:
        return [value for row in rows if (value := getattr(row, name)) is not None]

    peaks = known("peak_before")
    return DayEffect(
        first=rows[0].first,
        last=rows[-1].last,
        calls_before=sum(known("calls_before")) if peaks else None,
        calls_after=sum(known("calls_after")),
        hours_before=sum(known("hours_before")) if peaks else None,
        hours_after=sum(known("hours_after")),
        peak_before=int(max(peaks)) if peaks else None,
        peak_after=int(max(known("peak_after"))),
    )
