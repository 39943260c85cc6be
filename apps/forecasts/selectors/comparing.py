"""Versions against fact and against each other, by the days or weeks they share."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from apps.algorithms.forecasting import accuracy
from apps.core.errors import DomainError
from apps.demand.selectors import history_series, offered_by_day
from apps.forecasts.choices import VersionState
from apps.forecasts.selectors.versions import forecast_points
from apps.forecasts.types import Comparison, FactAccuracy, PeriodRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.demand.types import HistorySeries
    from apps.forecasts.models import ForecastVersion
    from apps.forecasts.types import FloatArray, ForecastArrays

_WEEK = dt.timedelta(weeks=1)
_MASE_WEEKS = 9
_UNKNOWN = FactAccuracy(0, None, None, None, None)
_BY_DAY = sql.SQL("""
SELECT version_id, (start AT TIME ZONE {zone})::date AS day, sum(calls)
FROM forecasts_forecastpoint
WHERE version_id = ANY({versions}) AND start >= {start} AND start < {end}
GROUP BY version_id, day ORDER BY day""")


def share_days(one: ForecastVersion, other: ForecastVersion) -> bool:
    """Tell whether two versions have an instant in common."""
    return max(one.start, other.start) < min(one.end, other.end)


def default_pair(
    versions: Sequence[ForecastVersion], shown: ForecastVersion | None = None
) -> tuple[ForecastVersion, ForecastVersion] | None:
    """Give two of a queue's versions (newest first) that a reader would compare, or None of fewer than two.

    `shown` is one of them where it is given. The other one is what it was made from or what was made from
    it, else an active version, else the newest, of those that share days with it; what stands first is what
    is planned from, or the earlier one. Only where no two share a day are they of different days.
    """
    tried = [shown] if shown else sorted(versions, key=lambda row: row.state != VersionState.ACTIVE)
    for one in tried:
        rest = [row for row in versions if row.pk != one.pk and share_days(row, one)]
        if rest:
            return _in_order(one, min(rest, key=lambda row: _distance(one, row)))
    others = [row for row in versions if row.pk != tried[0].pk] if tried else []
    return _in_order(tried[0], others[0]) if others else None


def calls_by_day(
    versions: Iterable[int], start: dt.datetime, end: dt.datetime, zone: str
) -> dict[int, dict[dt.date, float]]:
    """Give the contacts of each version by local day, summed by the database. One query."""
    wanted = list(versions)
    query = _BY_DAY.format(
        zone=sql.Literal(zone), versions=sql.Literal(wanted), start=sql.Literal(start), end=sql.Literal(end)
    )
    found: dict[int, dict[dt.date, float]] = {version: {} for version in wanted}
    with connection.cursor() as cursor:
        cursor.execute(query)
        for version, day, calls in cursor.fetchall():
            found[version][day] = calls
    return found


def compare_versions(one: ForecastVersion, other: ForecastVersion, *, weekly: bool = False) -> Comparison:
    """Compare two versions of a queue over the days they share, with fact where it is known.

    Raises `DomainError` when they are of different queues or share no day. Three queries, and twelve more
    where fact is known, whatever the span.
    """
    if one.queue_id != other.queue_id:
        raise DomainError(_("Versions of different queues cannot be compared."))
    start, end = max(one.start, other.start), min(one.end, other.end)
    if not share_days(one, other):
        raise DomainError(_("The two versions share no day."))
    zone = one.queue.time_zone
    sums = calls_by_day({one.pk, other.pk}, start, end, zone)
    fact = offered_by_day(one.queue_id, start, end, zone)
    days = sorted({*sums[one.pk], *sums[other.pk]})
    first, second = sums[one.pk], sums[other.pk]
    rows = [PeriodRow(day, day, fact.get(day), first.get(day), second.get(day)) for day in days]
    total = _joined(rows)
    if weekly:
        weeks = sorted({day - dt.timedelta(days=day.weekday()) for day in days})
        rows = [_joined([row for row in rows if week <= row.first < week + _WEEK]) for week in weeks]
    return Comparison(
        rows=tuple(rows),
        total=total,
        one=fact_accuracy(one, start, end) if fact else _UNKNOWN,
        other=fact_accuracy(other, start, end) if fact else _UNKNOWN,
    )


def fact_accuracy(
    version: ForecastVersion, start: dt.datetime | None = None, end: dt.datetime | None = None
) -> FactAccuracy:
    """Compare a version with the record, interval by interval, over all of it or from `start` up to `end`.

    The unit of MASE is the mean error of "as the week before" over the nine weeks before the version. Six
    queries.
    """
    series = history_series(version.queue_id, version.start, version.end, version.step_s)
    if not series.observed.any():
        return _UNKNOWN
    points = forecast_points(version.pk)
    fact = _facts_at(version, points, series)
    inside = np.ones(fact.size, dtype=np.bool_)
    if start and end:
        inside = (points.starts >= _instant(start)) & (points.starts < _instant(end))
    if not np.isfinite(fact[inside]).any():
        return _UNKNOWN
    found = accuracy(fact[inside], points.calls[inside], naive_mae=_week_naive_mae(version))
    return FactAccuracy(
        found.intervals, _known(found.wape), _known(found.mape), _known(found.bias), _known(found.mase)
    )


def _distance(one: ForecastVersion, row: ForecastVersion) -> tuple[bool, bool, int]:
    is_kin = one.based_on_id == row.pk or row.based_on_id == one.pk
    return not is_kin, row.state != VersionState.ACTIVE, -row.number


def _in_order(one: ForecastVersion, other: ForecastVersion) -> tuple[ForecastVersion, ForecastVersion]:
    first, second = sorted((one, other), key=lambda row: (row.state != VersionState.ACTIVE, row.number))
    return first, second


def _facts_at(version: ForecastVersion, points: ForecastArrays, series: HistorySeries) -> FloatArray:
    """Give what was recorded in each interval of a version, shape (n,); NaN where nothing was."""
    place = (points.starts - _instant(version.start)).astype(np.int64) // version.step_s
    return np.where(series.observed, series.offered, np.nan)[place]


def _week_naive_mae(version: ForecastVersion) -> float:
    series = history_series(
        version.queue_id, version.start - _MASE_WEEKS * _WEEK, version.start, version.step_s
    )
    week = int(_WEEK.total_seconds()) // version.step_s
    offered = np.where(series.observed, series.offered, np.nan)
    error = np.abs(offered[week:] - offered[:-week])
    return float(np.nanmean(error)) if np.isfinite(error).any() else math.nan


def _instant(moment: dt.datetime) -> np.datetime64:
    return np.datetime64(int(moment.timestamp()), "s")


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _joined(rows: list[PeriodRow]) -> PeriodRow:
    def total(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    return PeriodRow(
        rows[0].first,
        rows[-1].last,
        total(row.fact for row in rows),
        total(row.one for row in rows),
        total(row.other for row in rows),
    )
