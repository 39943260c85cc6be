"""From a forecast to the people needed: load, positions on line, required agents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.queueing.checks import non_negative, positive, share
from apps.algorithms.queueing.errors import QueueingError
from apps.algorithms.queueing.minimum_agents import minimum_agents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from apps.algorithms.queueing.checks import BoolArray, FloatArray, IntArray
    from apps.algorithms.queueing.targets import ServiceTarget

_WHOLE = 1e-9


@dataclass(frozen=True)
class StaffingPolicy:
    """How a queue turns load into people; numbers, or arrays with a value per interval.

    Attributes
    ----------
    target
        What callers are promised.
    patience_s
        Mean patience, seconds: Erlang A. None or infinite: Erlang C.
    minimum_staff
        Least agents on line while the queue is open, whole number ``>= 0``.
    reserve
        Coefficient on the agents on line, ``>= 0``; 1.1 keeps 10 % in reserve.
    absenteeism
        Share of planned agents who will not come (unplanned), ``0 <= share < 1``.

    """

    target: ServiceTarget
    patience_s: ArrayLike | None = None
    minimum_staff: ArrayLike = 0
    reserve: ArrayLike = 1.0
    absenteeism: ArrayLike = 0.0


@dataclass(frozen=True)
class Requirement:
    """Arrays of one shape, a value per interval; 0 in closed intervals.

    Attributes
    ----------
    load_erl
        Offered load, erlang.
    positions
        Fewest agents on line that keep the target, before minimum, reserve and absenteeism.
    required
        Agents to schedule on line.

    """

    load_erl: FloatArray
    positions: IntArray
    required: IntArray


def offered_load(calls: ArrayLike, aht_s: ArrayLike, step_s: ArrayLike) -> FloatArray:
    """Return the load ``calls * aht / step`` in erlang; 0 where there are no calls.

    Parameters
    ----------
    calls
        Expected calls per interval, ``>= 0``, real numbers allowed.
    aht_s
        Mean handle time, seconds, ``> 0`` where there are calls (elsewhere it may be anything, NaN too).
    step_s
        Length of the interval, seconds, ``> 0``: one number, or one per interval where some are cut short
        (the calls of a cut interval are those of its shorter length).

    Raises
    ------
    QueueingError
        An element is outside its range.

    """
    expected, handle, step = np.broadcast_arrays(
        non_negative("calls", calls), np.asarray(aht_s, dtype=np.float64), positive("step_s", step_s)
    )
    handle = positive("aht_s", np.where(expected > 0, handle, 1.0))
    return np.asarray(expected * handle / step)


def derive_requirement(
    calls: ArrayLike,
    aht_s: ArrayLike,
    *,
    step_s: ArrayLike,
    policy: StaffingPolicy,
    is_open: ArrayLike | None = None,
) -> Requirement:
    """Return the agents to schedule in each interval.

    ``required = ceil(max(positions, minimum) * reserve / (1 - absenteeism))``: the product stays a real
    number and is rounded up once, at the end (an excess below 1e-9 of it is binary noise, not an agent).

    Parameters
    ----------
    calls, aht_s, step_s
        As in `offered_load`; all parameters broadcast to one shape.
    policy
        Target, patience and coefficients.
    is_open
        True where the queue takes calls. None: where calls are expected. An open interval without calls
        keeps the minimum staff, a closed one has 0.

    Raises
    ------
    QueueingError
        An element is outside its range, or a closed interval expects calls.

    """
    expected = non_negative("calls", calls)
    load = offered_load(expected, aht_s, step_s)
    opened = _open_mask(expected, is_open)
    load, handle, opened = np.broadcast_arrays(load, np.asarray(aht_s, dtype=np.float64), opened)
    handle = np.where(load > 0, handle, 1.0)
    positions = minimum_agents(load, aht_s=handle, target=policy.target, patience_s=policy.patience_s)
    return Requirement(load_erl=load, positions=positions, required=_gross_up(positions, opened, policy))


def _open_mask(calls: FloatArray, is_open: ArrayLike | None) -> BoolArray:
    if is_open is None:
        return calls > 0
    calls, opened = np.broadcast_arrays(calls, np.asarray(is_open, dtype=np.bool_))
    closed_calls = (calls > 0) & ~opened
    if closed_calls.any():
        first = int(np.flatnonzero(closed_calls)[0])
        raise QueueingError(f"interval {first} is closed but expects {calls.flat[first]} calls")
    return opened


def _gross_up(positions: IntArray, opened: BoolArray, policy: StaffingPolicy) -> IntArray:
    minimum = non_negative("minimum_staff", policy.minimum_staff)
    reserve = non_negative("reserve", policy.reserve)
    absent = share("absenteeism", policy.absenteeism, allow_zero=True, allow_one=False)
    planned = np.maximum(positions, minimum) * reserve / (1 - absent)
    rounded = np.ceil(planned - _WHOLE * np.maximum(planned, 1.0))
    required: IntArray = np.where(opened, rounded, 0).astype(np.int64)
    return required
