"""What the chart script reads: labels on somebody's clock, and series by kind."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

HOUR_S = 3600


def local_labels(start: dt.datetime, step_s: int, count: int, zone: ZoneInfo) -> list[str]:
    """Give `02.11 09:15` for each interval from `start`, on the clock of `zone`."""
    first = start.astimezone(dt.UTC)
    starts = (first + dt.timedelta(seconds=step_s * index) for index in range(count))
    return [f"{moment.astimezone(zone):%d.%m %H:%M}" for moment in starts]


def chart_json(
    *,
    labels: list[str],
    zone: ZoneInfo,
    step_s: int,
    series: Sequence[tuple[str, str, NDArray[Any]]],
    unit: str = "",
) -> dict[str, Any]:
    """Give the answer for `static/core/js/chart.js`; values that are not known become gaps.

    `series` holds (kind, label, values); the unit defaults to contacts in an interval.
    """
    return {
        "labels": labels,
        "axis": _("Interval start, %(zone)s") % {"zone": zone.key},
        "unit": unit or _("Contacts in %(step)s") % {"step": step_text(step_s)},
        "series": [
            {"kind": kind, "label": label, "values": _plain(values)} for kind, label, values in series
        ],
    }


def day_sums(
    start: dt.datetime, step_s: int, values: NDArray[np.float64], zone: ZoneInfo
) -> dict[dt.date, float | None]:
    """Sum a series from `start` up to the days of `zone`; a day of which nothing is known (NaN) has None."""
    sums: dict[dt.date, float | None] = {}
    first = start.astimezone(dt.UTC)
    for index, value in enumerate(values.tolist()):
        day = (first + dt.timedelta(seconds=step_s * index)).astimezone(zone).date()
        known = sums.setdefault(day, None)
        if not math.isnan(value):
            sums[day] = value if known is None else known + value
    return sums


def step_text(step_s: int) -> str:
    """Give `15 minutes` or `1 hour`."""
    if step_s % HOUR_S == 0:
        hours = step_s // HOUR_S
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    minutes = step_s // 60
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _plain(values: NDArray[Any]) -> list[float | None]:
    rounded = np.round(values.astype(np.float64), 2)
    return [None if gap else value for value, gap in zip(rounded.tolist(), np.isnan(rounded), strict=True)]
