"""Arithmetic of regular intervals on a local grid: whole seconds in, arrays of (day, slot) out."""

from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

DAY_S = 86_400

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def slots_per_day(step_s: int) -> int:
    """Return how many intervals of `step_s` seconds make a day.

    Raises
    ------
    ValueError
        If the step is not positive or does not divide a day.

    """
    if step_s <= 0 or DAY_S % step_s:
        raise ValueError(f"a step of {step_s} s does not divide a day")
    return DAY_S // step_s


def local_seconds(moment: datetime) -> int:
    """Return the seconds of a naive local wall-clock moment since 1970-01-01T00:00 local."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def local_datetime(seconds: int) -> datetime:
    """Return the naive local wall-clock moment of `seconds` (the inverse of `local_seconds`)."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def local_day(seconds: int) -> date:
    return local_datetime(seconds).date()


def usual_step_s(starts_s: IntArray, *, otherwise: int) -> int:
    """Return the commonest gap (s) between sorted, distinct starts; `otherwise` for a single start.

    Parameters
    ----------
    starts_s
        Local seconds, shape (n,).
    otherwise
        Seconds to return when there is no gap to look at.

    """
    gaps, counts = np.unique(np.diff(starts_s), return_counts=True)
    return int(gaps[counts.argmax()]) if gaps.size else otherwise


def sum_to_grid(
    starts_s: IntArray, values: FloatArray, *, fine_s: int, step_s: int
) -> tuple[date, FloatArray]:
    """Sum intervals of `fine_s` seconds to a (days, slots) grid of `step_s` seconds.

    A coarse slot is observed when it holds as many fine intervals as that slot of the day usually does
    (a queue that closes at 21:05 fills a third of its 21:00 quarter every day: that is whole, not broken).

    Parameters
    ----------
    starts_s
        Local seconds of the fine intervals, sorted and distinct, shape (n,).
    values
        Amounts, shape (n,).
    fine_s, step_s
        Seconds; `fine_s` divides `step_s`, `step_s` divides a day.

    Returns
    -------
    tuple
        The first day and the sums, shape (days, slots), NaN where not observed.

    """
    slots = slots_per_day(step_s)
    first = int(starts_s[0]) // DAY_S
    cell = starts_s // step_s - first * slots
    size = (int(starts_s[-1]) // DAY_S - first + 1) * slots
    total = np.bincount(cell, weights=values, minlength=size).reshape(-1, slots)
    count = np.bincount(cell, minlength=size).reshape(-1, slots)
    usual = np.array([_most_frequent(column, step_s // fine_s) for column in count.T])
    seen = (count > 0) & (count >= usual)
    return local_day(first * DAY_S), np.where(seen, total, np.nan)


def _most_frequent(counts: npt.NDArray[np.intp], most: int) -> int:
    """Return the commonest positive count, at most `most`; 1 where there is none."""
    present = counts[counts > 0]
    return min(int(np.bincount(present).argmax()), most) if present.size else 1
