"""Mean handle time and mean patience from records of single calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.queueing.checks import non_negative
from apps.algorithms.queueing.errors import PatienceUndefinedError, QueueingError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def estimate_patience(wait_s: ArrayLike, abandoned: ArrayLike) -> float:
    """Return the mean patience in seconds, the maximum likelihood estimate for exponential patience.

    An answered call shows only that its caller was ready to wait longer, so the estimate is the time all
    calls spent waiting divided by the number that hung up.

    Parameters
    ----------
    wait_s
        Time in queue of each call, answered or not, seconds, ``>= 0``, shape (calls,).
    abandoned
        True where the caller hung up in the queue, shape (calls,).

    Raises
    ------
    QueueingError
        Shapes differ, there are no calls, or a wait is negative or not finite.
    PatienceUndefinedError
        Nobody hung up, or no call waited.

    References
    ----------
    L. Brown et al., "Statistical analysis of a telephone call center", JASA 100 (2005), section 5.

    """
    waits, hung_up = non_negative("wait_s", wait_s), np.asarray(abandoned, dtype=np.bool_)
    if waits.ndim != 1 or waits.shape != hung_up.shape:
        raise QueueingError(
            f"wait_s {waits.shape} and abandoned {hung_up.shape} must be two lists of one length"
        )
    if not waits.size:
        raise QueueingError("wait_s is empty: patience needs at least one call")
    total_s, hang_ups = float(waits.sum()), int(hung_up.sum())
    if not hang_ups:
        raise PatienceUndefinedError(f"none of the {waits.size} calls hung up: patience cannot be estimated")
    if not total_s:
        raise PatienceUndefinedError(f"none of the {waits.size} calls waited: patience cannot be estimated")
    return total_s / hang_ups


def mean_handle_time(handle_s: ArrayLike) -> float:
    """Return the mean handle time in seconds of answered calls.

    Parameters
    ----------
    handle_s
        Talk, hold and after-call time of each answered call, seconds, ``>= 0``, shape (calls,).

    Raises
    ------
    QueueingError
        There are no calls, all times are zero, or a time is negative or not finite.

    """
    times = non_negative("handle_s", handle_s)
    if times.ndim != 1 or not times.size:
        raise QueueingError("handle_s must be a list of at least one answered call")
    mean_s = float(times.mean())
    if not mean_s:
        raise QueueingError("handle_s: all times are zero, so there is no mean handle time")
    return mean_s
