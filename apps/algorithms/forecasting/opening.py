"""When a queue is open, read off its own history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from apps.algorithms.intervals import BoolArray, FloatArray, IntArray

_WEEK = 7
_CLOSED_WEEKS = 3
_QUIET_WEEKS = 8
_TELLING_CALLS = 4.0
_SPARSE_MEDIAN = 5.0
_CLOSED_RUN = 4
_BUSY_CALLS = 5.0
_SPARSE_MISSING = 0.05


def fill_unlisted(calls: FloatArray) -> FloatArray:
    """Return the history with zeros where a source that lists only intervals with calls left gaps.

    Such a source shows no zero at all, and its slots with holes on active days see few calls if any.
    """
    known = np.isfinite(calls)
    if not known.any() or (calls == 0).any():
        return calls
    active: BoolArray = np.asarray(known.any(axis=1))
    share = known[active].mean(axis=0)
    holed = (share > 0) & (share < 1 - _SPARSE_MISSING)
    pairs = zip(calls.T, known.T, strict=True)
    usual = np.array([np.median(column[seen]) if seen.any() else np.inf for column, seen in pairs])
    return np.where(active[:, None] & ~known & (holed & (usual < _SPARSE_MEDIAN)), 0.0, calls)


def infer_opening(calls: FloatArray, weekday: IntArray) -> BoolArray:
    """Return which slots of the week are open, shape (7, S).

    Weeks are counted back from the end of the history and only weeks with calls count. A weekday is closed
    when it had no call in the last three of them; a slot of an open weekday when it had none in the last
    eight. Silence tells nothing where an average slot (day) would see fewer than four calls in that time and
    zeros were recorded: a small queue is open though nobody calls.

    Parameters
    ----------
    calls
        Contacts, shape (D, S), NaN where nothing was recorded.
    weekday
        Monday = 0, shape (D,).

    """
    by_week = _weeks(np.nan_to_num(calls))
    zeros = _weeks((calls == 0).astype(np.float64)) > 0
    days_called = (by_week > 0).any(axis=2).sum(axis=1)
    alive = days_called >= min(2, int(days_called.max()))
    recent, recorded = by_week[alive][-_QUIET_WEEKS:], zeros[alive][-_QUIET_WEEKS:]
    per_week = float(recent.sum()) / max(len(recent), 1)
    last, last_recorded = recent[-_CLOSED_WEEKS:], recorded[-_CLOSED_WEEKS:]
    day_open = (last > 0).any(axis=(0, 2))
    if len(last) * per_week / _WEEK < _TELLING_CALLS:
        day_open |= last_recorded.any(axis=(0, 2))
    slot_open = (recent > 0).any(axis=0)
    open_slots = max(int(slot_open.sum()), 1)
    if len(recent) * per_week / open_slots < _TELLING_CALLS:
        slot_open |= recorded.any(axis=0)
    order = (weekday[-1] + 1 + np.arange(_WEEK)) % _WEEK
    opening = np.zeros(slot_open.shape, dtype=np.bool_)
    opening[order] = slot_open & day_open[:, None]
    return opening


def forget_old_hours(calls: FloatArray, weekday: IntArray) -> FloatArray:
    """Return the history without what a slot showed before it was (last) opened.

    A slot of the week was closed while it had no call in four weeks running, if it has seen five calls a
    week or more since: its zeros, and what came before them, tell nothing of today.

    Parameters
    ----------
    calls
        Contacts, shape (D, S), NaN where nothing was recorded.
    weekday
        Monday = 0, shape (D,).

    """
    found = calls.copy()
    for day in range(_WEEK):
        rows = np.flatnonzero(weekday == day)
        run = np.zeros(calls.shape[1])
        opened = np.zeros(calls.shape[1], dtype=np.int64)
        for index, row in enumerate(rows):
            closed = run >= _CLOSED_RUN
            run = np.where(calls[row] == 0, run + 1, 0.0)
            opened = np.where(closed & (run == 0), index, opened)
        since = np.arange(rows.size)[:, None] >= opened
        values = np.where(since, np.nan_to_num(calls[rows]), 0.0)
        busy = values.sum(axis=0) >= _BUSY_CALLS * np.maximum(since.sum(axis=0), 1)
        found[rows] = np.where(since | ~busy, calls[rows], np.nan)
    return found


def _weeks(values: FloatArray) -> FloatArray:
    """Return (days, S) values as weeks that end with the last day, shape (weeks, 7, S), zeros in front."""
    days, slots = values.shape
    weeks = -(-days // _WEEK)
    padded = np.zeros((weeks * _WEEK, slots))
    padded[weeks * _WEEK - days :] = values
    return padded.reshape(weeks, _WEEK, slots)
