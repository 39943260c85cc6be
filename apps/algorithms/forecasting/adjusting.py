"""Changes that a person lays over a forecast: values set, added or multiplied over chosen intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from apps.algorithms.intervals import BoolArray, FloatArray

Operation = Literal["set", "set_total", "add", "add_total", "multiply"]
REACH_OF_80 = 1.2816
"""Standard deviations from the middle to the bounds of a band of 80 %."""
_NOTHING = 1e-6  # contacts of an interval that is closed


@dataclass(frozen=True, slots=True)
class Curve:
    """Contacts with their band and AHT (s) in consecutive intervals, each of shape (n,)."""

    calls: FloatArray
    lower: FloatArray
    upper: FloatArray
    aht_s: FloatArray


def adjust_calls(
    curve: Curve, chosen: BoolArray, operation: Operation, value: float, *, reach: float = REACH_OF_80
) -> Curve:
    """Change the contacts of the chosen intervals; the band follows.

    `set` and `add` give each interval a value, `set_total` and `add_total` spread one over all of them in
    proportion to the contacts they had (evenly where they had none), `multiply` scales them. Where some
    chosen intervals expect contacts, those that expect none are closed and stay so. Contacts never fall below
    nought.

    A bound lies w = reach · sd from the mean m. Of w², reach² m is counting (Poisson) and grows with the
    contacts as r = m'/m; the rest, at most m², is that of the rate and grows as r²: w'² = c r + s r². An
    interval that expected nothing gets the band of counting alone.

    Raises
    ------
    ValueError
        For an unknown operation or a value that is not finite.

    """
    if not np.isfinite(value):
        raise ValueError("the value is not finite")
    if operation == "multiply" and value == 1:
        return curve
    open_now = chosen & (curve.calls > _NOTHING)
    target = open_now if open_now.any() else chosen
    if not target.any():
        return curve
    old, calls = curve.calls[target], curve.calls.copy()
    new = np.maximum(_changed(old, operation, value), 0.0)
    below, above = (
        _width(old, np.abs(bound[target] - old), new, reach) for bound in (curve.lower, curve.upper)
    )
    lower, upper = curve.lower.copy(), curve.upper.copy()
    calls[target], lower[target], upper[target] = new, np.maximum(new - below, 0.0), new + above
    return Curve(calls, lower, upper, curve.aht_s)


def _width(old: FloatArray, width: FloatArray, new: FloatArray, reach: float) -> FloatArray:
    """Give how far a bound lies from the new mean."""
    known = old > _NOTHING
    ratio = np.divide(new, old, out=np.zeros_like(new), where=known)
    rate = np.clip(width**2 - reach**2 * old, 0.0, old**2)
    return np.where(known, np.sqrt((width**2 - rate) * ratio + rate * ratio**2), reach * np.sqrt(new))


def _changed(calls: FloatArray, operation: Operation, value: float) -> FloatArray:
    total = float(calls.sum())
    weights = calls / total if total > 0 else np.full(calls.size, 1 / calls.size)
    if operation == "set":
        return np.full(calls.size, value)
    if operation == "set_total":
        return np.asarray(value * weights)
    if operation == "add":
        return calls + value
    if operation == "add_total":
        return calls + value * weights
    if operation == "multiply":
        return calls * value
    raise ValueError(f"unknown operation {operation!r}")


def adjust_aht(curve: Curve, chosen: BoolArray, operation: Operation, value: float) -> Curve:
    """Change the AHT (s) of the chosen intervals: `set`, `add` or `multiply`; never below nought.

    Raises
    ------
    ValueError
        For an operation that AHT does not know or a value that is not finite.

    """
    if not np.isfinite(value):
        raise ValueError("the value is not finite")
    changes = {"set": np.full_like(curve.aht_s, value), "add": curve.aht_s + value}
    changes["multiply"] = curve.aht_s * value
    if operation not in changes:
        raise ValueError(f"AHT cannot be changed by {operation!r}")
    aht_s = np.where(chosen, np.maximum(changes[operation], 0.0), curve.aht_s)
    return Curve(curve.calls, curve.lower, curve.upper, aht_s)


def combined_coefficient(coefficients: FloatArray) -> float:
    """Combine the coefficients of events that fall together: 1 + sum(k - 1), never below nought."""
    return float(max(1.0 + float(np.sum(np.asarray(coefficients, dtype=np.float64) - 1.0)), 0.0))
