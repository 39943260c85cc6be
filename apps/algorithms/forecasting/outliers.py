"""Outliers of a history: values beyond the fences around what the weeks before and after make usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from apps.algorithms.intervals import FloatArray, IntArray

INNER, OUTER = 1.5, 3.0
"""Fences in interquartile ranges beyond the quartiles (Tukey, Exploratory Data Analysis, 1977)."""
WEEKS = 5
LEAST_NEIGHBOURS = 3
COUNTING_IQR = 1.349
"""Interquartile range of a normal distribution of unit variance: what counting alone spreads (Anscombe)."""
_DAYS_A_WEEK = 7
_OFFSETS = tuple(_DAYS_A_WEEK * week for week in range(-WEEKS, WEEKS + 1) if week)


@dataclass(frozen=True, slots=True)
class Fences:
    """What is usual in each cell of a history, all of shape (D, S), NaN where too little is known to say.

    Attributes
    ----------
    expected, average
        Median and mean of the neighbours: the same slot of the same weekday, five weeks to each side.
    inner_low, inner_high, outer_low, outer_high
        The band of ordinary values, and the band that holds all but the wildest; in contacts.
    neighbours
        How many neighbours were known.
    severity
        0 ordinary, 1 beyond the inner fence, 2 beyond the outer one.

    """

    expected: FloatArray
    average: FloatArray
    inner_low: FloatArray
    inner_high: FloatArray
    outer_low: FloatArray
    outer_high: FloatArray
    neighbours: IntArray
    severity: npt.NDArray[np.int8]


def find_fences(observed: FloatArray, ordinary: FloatArray | None = None) -> Fences:
    """Lay fences around every cell of a (days, slots) history of counts.

    Counts are compared on Anscombe's scale, y = 2 sqrt(x + 3/8), on which a Poisson count of any mean has
    variance one. The residual of a cell is y minus the median of its neighbours' y. The quartiles Q1, Q3 of
    all residuals, apart by no less than counting alone spreads, give the fences Q1 - k IQR and Q3 + k IQR
    with k = 1.5 (inner) and 3 (outer), which are laid around each cell's own median and turned back into
    counts.

    Parameters
    ----------
    observed
        Contacts, shape (D, S), consecutive days; NaN where unknown.
    ordinary
        The same with what is known not to be ordinary as NaN or replaced: the yardstick. `observed` when
        None.

    Raises
    ------
    ValueError
        If the shapes differ or a count is negative.

    """
    base = observed if ordinary is None else ordinary
    if observed.ndim != 2 or observed.shape != base.shape:  # noqa: PLR2004 - days by slots
        raise ValueError(f"a history of shape {observed.shape} cannot be compared with {base.shape}")
    if (observed < 0).any() or (base < 0).any():
        raise ValueError("a count is negative")
    near = _neighbours(base)
    number = np.isfinite(near).sum(axis=0)
    told = number >= LEAST_NEIGHBOURS
    middle = np.where(told, _median(near, number), np.nan)
    level = _anscombe(middle)
    low, high = _quartiles(_anscombe(base) - level)
    spread = high - low
    found = _anscombe(observed)
    severity = np.zeros(observed.shape, dtype=np.int8)
    bands: list[tuple[FloatArray, FloatArray]] = []
    for reach in (INNER, OUTER):
        below, above = level + low - reach * spread, level + high + reach * spread
        severity += (found < below) | (found > above)
        bands.append((_counts(below), _counts(above)))
    total = np.nansum(near, axis=0)
    average = np.divide(total, number, out=np.full(total.shape, np.nan), where=told)
    (inner_low, inner_high), (outer_low, outer_high) = bands
    return Fences(
        expected=middle,
        average=average,
        inner_low=inner_low,
        inner_high=inner_high,
        outer_low=outer_low,
        outer_high=outer_high,
        neighbours=number.astype(np.int64),
        severity=severity,
    )


def _neighbours(base: FloatArray) -> FloatArray:
    """Stack each cell's neighbours, shape (offsets, D, S)."""
    days = base.shape[0]
    near = np.full((len(_OFFSETS), *base.shape), np.nan)
    for row, offset in enumerate(_OFFSETS):
        if abs(offset) >= days:
            continue
        if offset < 0:
            near[row, -offset:] = base[:offset]
        else:
            near[row, :-offset] = base[offset:]
    return near


def _median(near: FloatArray, number: IntArray) -> FloatArray:
    """Return the median over the first axis of what is known; sorting puts NaN last."""
    order = np.sort(near, axis=0)
    last = np.maximum(number - 1, 0)
    low, high = last // 2, np.where(number > 0, number // 2, 0)
    picked = [np.take_along_axis(order, index[None], axis=0)[0] for index in (low, high)]
    return np.asarray((picked[0] + picked[1]) / 2)


def _anscombe(counts: FloatArray) -> FloatArray:
    return np.asarray(2.0 * np.sqrt(counts + 0.375))


def _counts(scaled: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(np.square(np.maximum(scaled, 0.0)) / 4.0 - 0.375, 0.0))


def _quartiles(residual: FloatArray) -> tuple[float, float]:
    """Return the quartiles of the residuals, widened about their middle to what counting alone spreads."""
    known = residual[np.isfinite(residual)]
    low, high = np.quantile(known, (0.25, 0.75)) if known.size else (0.0, 0.0)
    missing = max(COUNTING_IQR - (high - low), 0.0) / 2
    return float(low) - missing, float(high) + missing
