"""Argument checks shared by the queueing models: arrays in, typed errors that name the argument out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from apps.algorithms.queueing.errors import QueueingError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def refuse_where(bad: BoolArray, name: str, values: FloatArray, rule: str) -> None:
    """Raise `QueueingError` naming the first element where `bad` is true."""
    if not bad.any():
        return
    index = np.unravel_index(int(np.argmax(bad)), bad.shape)
    place = f"[{', '.join(str(int(part)) for part in index)}]" if index else ""
    raise QueueingError(f"{name}{place} = {values[index]}: {rule}")


def non_negative(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as a float array; refuse NaN, infinity and negative elements."""
    array = np.asarray(values, dtype=np.float64)
    refuse_where(~(np.isfinite(array) & (array >= 0)), name, array, "must be finite and not negative")
    return array


def positive(name: str, values: ArrayLike, *, allow_infinite: bool = False) -> FloatArray:
    """Return `values` as a float array; refuse NaN and elements that are not above zero."""
    array = np.asarray(values, dtype=np.float64)
    good = array > 0
    if not allow_infinite:
        good &= np.isfinite(array)
    refuse_where(
        ~good, name, array, "must be above zero" if allow_infinite else "must be finite and above zero"
    )
    return array


def share(name: str, values: ArrayLike, *, allow_zero: bool, allow_one: bool) -> FloatArray:
    """Return `values` as a float array; refuse elements outside the unit interval."""
    array = np.asarray(values, dtype=np.float64)
    above = (array >= 0) if allow_zero else (array > 0)
    below = (array <= 1) if allow_one else (array < 1)
    left, right = "[" if allow_zero else "(", "]" if allow_one else ")"
    refuse_where(~(above & below), name, array, f"must lie in {left}0, 1{right}")
    return array
