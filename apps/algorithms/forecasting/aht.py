"""Handle time: call-weighted profile of the week, drawn to wider means where calls are few."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from apps.algorithms.forecasting.errors import ForecastError
from apps.algorithms.intervals import FloatArray, slots_per_day

_HALF_LIFE_DAYS = 60.0
_SLOT_CALLS = 60.0
_DAY_CALLS = 200.0
_LONGEST_AHT = 5.0


def forecast_aht(
    first_day: date,
    step_s: int,
    calls: FloatArray,
    handle_s: FloatArray,
    *,
    start: datetime,
    count: int,
) -> FloatArray:
    """Return the expected AHT of each coming interval.

    The AHT of a weekday's slot is the handle time of its past calls over their number, recent days weighing
    more (half-life 60 days), with 60 calls' worth of the slot's mean over all weekdays added; that mean in
    turn has 200 calls' worth of the overall AHT added. So it is exact for busy slots, the overall mean for
    empty ones. An interval's AHT counts for at most five times the overall one (a line left open).

    Parameters
    ----------
    first_day
        Local date of row 0.
    step_s
        Seconds of an interval.
    calls
        Answered calls, shape (D, S), NaN where unknown.
    handle_s
        Their total handle time, s, shape (D, S), NaN where unknown.
    start
        Local start of the first coming interval.
    count
        Number of coming intervals.

    Returns
    -------
    FloatArray
        AHT, s, shape (count,).

    Raises
    ------
    ForecastError
        If the shapes differ, a handle time is negative or there is no answered call.

    """
    table = _weekly_table(first_day, step_s, calls, handle_s)
    moments = [start + index * timedelta(seconds=step_s) for index in range(count)]
    days = np.array([moment.weekday() for moment in moments], dtype=np.int64)
    slots = np.array(
        [(moment.hour * 3600 + moment.minute * 60 + moment.second) // step_s for moment in moments]
    )
    return np.asarray(table[days, slots.astype(np.int64)])


def _weekly_table(first_day: date, step_s: int, calls: FloatArray, handle_s: FloatArray) -> FloatArray:
    """Return the AHT of each slot of the week, s, shape (7, S)."""
    if calls.shape != handle_s.shape or calls.shape[1] != slots_per_day(step_s):
        raise ForecastError(
            f"calls {calls.shape} and handle times {handle_s.shape} do not match the step {step_s} s"
        )
    known = np.isfinite(calls) & np.isfinite(handle_s) & (calls > 0)
    if (handle_s[known] < 0).any():
        raise ForecastError("a handle time is negative")
    if not known.any():
        raise ForecastError("there is no answered call to learn a handle time from")
    weight = 0.5 ** ((calls.shape[0] - 1 - np.arange(calls.shape[0])) / _HALF_LIFE_DAYS)
    number = np.where(known, calls, 0.0) * weight[:, None]
    longest_s = _LONGEST_AHT * handle_s[known].sum() / calls[known].sum()
    seconds = np.where(known, np.minimum(handle_s, longest_s * calls), 0.0) * weight[:, None]
    weekday = (first_day.weekday() + np.arange(calls.shape[0])) % 7
    overall = seconds.sum() / number.sum()
    slot = (seconds.sum(axis=0) + _DAY_CALLS * overall) / (number.sum(axis=0) + _DAY_CALLS)
    group = np.eye(7)[:, weekday]
    return np.asarray((group @ seconds + _SLOT_CALLS * slot) / (group @ number + _SLOT_CALLS))
