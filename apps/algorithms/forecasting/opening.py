"""When a queue is open, read off its own history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from apps.algorithms.intervals import BoolArray, FloatArray, IntArray

_WEEK = 7
_CLOSED_WEEKS = 3
_QUIET_WEEKS = 8
_SPARSE_MEDIAN = 5.0
_SPARSE_MISSING = 0.05


def fill_unlisted(calls: FloatArray) -> FloatArray:
    """Return the history with zeros where a source that lists only intervals with calls left gaps.

    Such a source shows small numbers, no zero at all, and holes inside its days.
    """
    known = np.isfinite(calls)
    if not known.any() or (calls == 0).any() or np.median(calls[known]) >= _SPARSE_MEDIAN:
        return calls
    active: BoolArray = np.asarray(known.any(axis=1))
    usual = known[active].mean(axis=0) > _SPARSE_MISSING
    if known[np.ix_(active, usual)].mean() > 1 - _SPARSE_MISSING:
        return calls
    return np.where(active[:, None] & ~known, 0.0, calls)


def infer_opening(calls: FloatArray, weekday: IntArray) -> BoolArray:
    """Return which slots of the week are open, shape (7, S).

    Weeks are counted back from the end of the history and only weeks with calls count. A weekday is closed
    when it had no call in the last three of them; a slot of an open weekday when it had none in the last
    eight.

    Parameters
    ----------
    calls
        Contacts, shape (D, S), NaN where nothing was recorded.
    weekday
        Monday = 0, shape (D,).

    """
    days, slots = calls.shape
    busy = np.nan_to_num(calls) > 0
    weeks = -(-days // _WEEK)
    padded = np.zeros((weeks * _WEEK, slots), dtype=np.bool_)
    padded[weeks * _WEEK - days :] = busy
    by_week = padded.reshape(weeks, _WEEK, slots)
    alive = by_week.any(axis=2).sum(axis=1) >= min(2, int(by_week.any(axis=2).sum(axis=1).max()))
    recent = by_week[alive]
    day_open = recent[-_CLOSED_WEEKS:].any(axis=(0, 2))
    slot_open = recent[-_QUIET_WEEKS:].any(axis=0) & day_open[:, None]
    order = (weekday[-1] + 1 + np.arange(_WEEK)) % _WEEK
    opening = np.zeros((_WEEK, slots), dtype=np.bool_)
    opening[order] = slot_open
    return opening
