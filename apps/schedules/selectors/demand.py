"""The requirement of a queue in 15-minute slots, and when the queue is open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.organization.selectors import open_slots, zone_of
from apps.schedules.types import SLOT_S
from apps.staffing.selectors import active_requirement, requirement_points
from apps.workcalendar.selectors import day_kinds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.organization.models import Queue
    from apps.schedules.types import Month

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class QueueDemand:
    """Required agents of a queue in each slot of the month (group's zone), by one requirement version."""

    version_id: int
    required: NDArray[np.int64]


def queue_demand(queue_id: int, month: Month) -> QueueDemand | None:
    """Give the requirement of the version that is active over the whole month; None without one."""
    version = active_requirement(queue_id, month.start, month.end)
    if version is None:
        return None
    return QueueDemand(version.pk, required_in_slots(version.pk, version.step_s, month.start, month.end))


def required_in_slots(
    version_id: int, step_s: int, start: dt.datetime, end: dt.datetime
) -> NDArray[np.int64]:
    """Give the requirement between two instants by slots of 15 minutes.

    Longer intervals are repeated over their slots. Of three intervals of 5 minutes the largest counts: the
    slot is the shortest span that can be scheduled, and the promise holds in each of them. No row: closed, 0.
    """
    points = requirement_points(version_id)
    starts = points.starts.astype("datetime64[s]").astype(np.int64)
    n_slots = int((end - start).total_seconds()) // SLOT_S
    demand = np.zeros(n_slots, dtype=np.int64)
    for offset in range(0, max(step_s, SLOT_S), SLOT_S):
        slots = (starts + offset - int(start.timestamp())) // SLOT_S
        inside = (slots >= 0) & (slots < n_slots)
        np.maximum.at(demand, slots[inside], points.required[inside].astype(np.int64))
    return demand


def opening(queue: Queue, start: dt.datetime, n_slots: int) -> NDArray[np.bool_] | None:
    """Give in which slots from `start` the queue is open by its own clock; None when it never closes."""
    weekly = open_slots(queue, SLOT_S)
    if weekly.all() and not queue.closed_on_holidays:
        return None
    instants = np.arange(n_slots) * SLOT_S + int(start.timestamp())
    zone = zone_of(queue)
    local = [dt.datetime.fromtimestamp(int(second), tz=zone) for second in instants]
    closed = _closed_days(queue, local[0].date(), local[-1].date())
    return np.array(
        [
            moment.date() not in closed
            and bool(weekly[moment.weekday(), (moment.hour * 3600 + moment.minute * 60) // SLOT_S])
            for moment in local
        ]
    )


def _closed_days(queue: Queue, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    if not queue.closed_on_holidays:
        return frozenset()
    days = day_kinds(queue.calendar_code, first, last)
    return frozenset(day for day, facts in days.items() if not facts.is_working)
