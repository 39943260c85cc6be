"""The chart of outliers: recorded, corrected, the ordinary band, and a mark on each outlier."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _

from apps.core import zones
from apps.core.web.series import chart_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from apps.core.web.spans import DaySpan
    from apps.demand.selectors import Analysis
    from apps.demand.types import FloatArray, Outlier

LONG_DAYS = 14
DAY_S = 86_400


def outlier_chart(
    analysis: Analysis | None, outliers: Sequence[Outlier], span: DaySpan, zone: ZoneInfo
) -> dict[str, Any]:
    """Give the chart of a span, by interval over two weeks at most and by day beyond."""
    if analysis is None:
        return chart_json(labels=[], zone=zone, step_s=DAY_S, series=[])
    rows = analysis.rows(span.first, span.end)
    first = analysis.first_day + dt.timedelta(days=rows.start)
    by_day = span.days > LONG_DAYS
    fences = analysis.days if by_day else analysis.slots
    recorded, corrected = (
        day_totals(grid)[:, None] if by_day else grid for grid in (analysis.recorded, analysis.corrected)
    )
    step_s = DAY_S if by_day else analysis.step_s
    begin = dt.datetime.combine(first, dt.time())
    count = (rows.stop - rows.start) * recorded.shape[1]
    labels = [f"{begin + dt.timedelta(seconds=step_s * index):%d.%m %H:%M}" for index in range(count)]
    marks = np.where(_marked(analysis, outliers, recorded.shape), recorded, np.nan)
    return chart_json(
        labels=labels,
        zone=zone,
        step_s=step_s,
        series=[
            ("lower", _("Ordinary, lower"), fences.inner_low[rows].ravel()),
            ("upper", _("Ordinary, upper"), fences.inner_high[rows].ravel()),
            ("history", _("As recorded"), recorded[rows].ravel()),
            ("corrected", _("Corrected"), corrected[rows].ravel()),
            ("outlier", _("Outlier"), marks[rows].ravel()),
        ],
    )


def day_totals(grid: FloatArray) -> FloatArray:
    """Sum each day of a grid, shape (days,); NaN where nothing is known."""
    return np.where(np.isfinite(grid).any(axis=1), np.nansum(grid, axis=1), np.nan)


def _marked(
    analysis: Analysis, outliers: Sequence[Outlier], shape: tuple[int, ...]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which cells of a grid of this shape, by interval or by day, an outlier holds."""
    marked = np.zeros(shape, dtype=np.bool_)
    for outlier in outliers:
        day = (outlier.day - analysis.first_day).days
        if outlier.is_day or shape[1] == 1:
            marked[day] = True
            continue
        start = zones.to_local(np.array([zones.to_instant(outlier.span.start)]), analysis.zone)
        slot = int(start.astype(np.int64)[0]) % DAY_S // analysis.step_s
        marked[day, slot : slot + outlier.intervals] = True
    return marked
