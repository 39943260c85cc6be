"""Histories that a forecast can be checked against."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from tests.demand.files import load
from tests.factories.organization import make_queue

if TYPE_CHECKING:
    from typing import Any

    from apps.demand.models import ImportBatch
    from apps.organization.models import Queue

MONDAY = dt.date(2025, 3, 3)
OPENS, CLOSES = 9, 18
AHT_S = 200


def weekly_queue(**facts: Any) -> Queue:
    """Make a queue with hourly planning steps."""
    return make_queue(**({"step_minutes": 60, "time_zone": "Europe/Moscow", "calendar_code": ""} | facts))


def import_weeks(
    queue: Queue,
    weeks: int = 8,
    *,
    first: dt.date = MONDAY,
    step_minutes: int = 60,
    aht: bool = True,
    closed: frozenset[dt.date] = frozenset(),
    **facts: Any,
) -> ImportBatch:
    """Import weeks, Monday to Friday from 09:00 to 18:00, whose calls rise over the day and by weekday."""
    draw = np.random.default_rng(5)
    lines = ["start;calls;aht" if aht else "start;calls"]
    for day in (first + dt.timedelta(days=offset) for offset in range(7 * weeks)):
        if day.weekday() > 4 or day in closed:
            continue
        for minute in range(OPENS * 60, CLOSES * 60, step_minutes):
            calls = draw.poisson(expected_calls(day, minute // 60) * step_minutes / 60)
            line = f"{day:%d.%m.%Y} {minute // 60:02d}:{minute % 60:02d};{calls}"
            lines.append(f"{line};{AHT_S}" if aht else line)
    return load(queue, "\n".join(lines), **facts)


def expected_calls(day: dt.date, hour: int) -> float:
    """Give the calls that an hour has on average."""
    if day.weekday() > 4 or not OPENS <= hour < CLOSES:
        return 0.0
    return (100 + 10 * day.weekday()) * (1 + (hour - OPENS) / 10)
