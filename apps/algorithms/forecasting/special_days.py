"""Special days: what the past ones say of the coming ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.algorithms.intervals import BoolArray, FloatArray

_OWN_WEIGHT = 0.4
_EVE_WEIGHT = 2.0
_NEARLY_CLOSED = 0.02
MINOR = " (minor)"
_OBSERVED = re.compile(r"\s*\((?:observed|estimated|substituted)[^)]*\)", re.IGNORECASE)
_SUBSTITUTED = re.compile(r"^(Day off) \(substituted from .*\)$")


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """What was learned of special days.

    Attributes
    ----------
    share
        Expected share of an ordinary day, shape (N,); 0 = closed.
    excluded
        Days that say nothing of ordinary ones, shape (N,).
    labels
        Name by day index, for days whose share is not 1.

    """

    share: FloatArray
    excluded: BoolArray
    labels: Mapping[int, str]


def expected_shares(
    ratio: FloatArray, named: Mapping[int, str], outlying: BoolArray, *, total_days: int
) -> SpecialDays:
    """Learn from past special days what share of an ordinary day the coming ones will see.

    A holiday of a name seen before is the mean of its own past shares, drawn to the median of all holidays by
    0.4 days' weight; one not seen before is that median: closed where most were closed. Minor days and eves
    of holidays are drawn by one day's weight to an ordinary day (eves: to the median eve from three on).
    With no holiday in the history nothing is assumed.

    Parameters
    ----------
    ratio
        Shares seen, shape (D,), NaN where the day tells nothing (a closed weekday).
    named
        Name by day index; indices may lie outside 0..N-1.
    outlying
        Days that differ from ordinary ones, shape (D,).
    total_days
        N.

    """
    days = ratio.size
    share = np.ones(total_days)
    excluded = np.zeros(total_days, dtype=np.bool_)
    labels: dict[int, str] = {}
    classes = _classes(named)
    own: dict[str, list[float]] = {}
    pool: dict[str, list[float]] = {}
    for index, (kind, name) in classes.items():
        if 0 <= index < days and np.isfinite(ratio[index]):
            own.setdefault(name, []).append(float(ratio[index]))
            pool.setdefault(kind, []).append(float(ratio[index]))
    for index, (kind, name) in classes.items():
        if not 0 <= index < total_days:
            continue
        if index < days:
            excluded[index] = outlying[index]
            share[index] = 1.0 if not np.isfinite(ratio[index]) or ratio[index] > 0 else 0.0
            continue
        share[index] = _share(own.get(name, []), pool.get(kind, []), kind)
        if share[index] != 1.0:
            labels[index] = name
    return SpecialDays(share, excluded, labels)


def _classes(named: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    """Return (class, name) by day index; the day before a holiday is its eve unless it has a name itself."""
    found: dict[int, tuple[str, str]] = {}
    for index, raw in named.items():
        name = _OBSERVED.sub("", _SUBSTITUTED.sub(r"\1", raw))
        minor = name.endswith(MINOR)
        found[index] = ("minor" if minor else "holiday", name)
        if not minor and (index - 1 not in named or named[index - 1].endswith(MINOR)):
            found.setdefault(index - 1, ("eve", f"eve of {name}"))
    return found


def _share(own: list[float], pool: list[float], kind: str) -> float:
    if kind == "holiday":
        if not pool:
            return 1.0
        middle = float(np.median(pool))
        value = (sum(own) + _OWN_WEIGHT * middle) / (len(own) + _OWN_WEIGHT)
        return 0.0 if value < _NEARLY_CLOSED else value
    middle = float(np.median(pool)) if kind == "eve" and len(pool) > 2 else 1.0  # noqa: PLR2004 - a middle needs three
    return (sum(own) + _EVE_WEIGHT / 2 * middle) / (len(own) + _EVE_WEIGHT / 2)
