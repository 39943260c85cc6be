"""Rows of a block as columns of numbers, before clock and duplicates are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.demand.services.reading.layout import AHT, OFFERED, STEP

if TYPE_CHECKING:
    from apps.demand.services.reading.limits import Limits
    from apps.demand.types import FloatArray, IntArray

NUMBERS = (OFFERED, AHT, "handled", "abandoned", "handle_s", "wrap_s", "answered_in_target", STEP)
SECONDS = frozenset({AHT, "handle_s", "wrap_s"})  # may have decimals; the others count contacts
NO_OFFSET = np.iinfo(np.int64).min  # the row gave local time


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows that are right in themselves, shape (n,).

    Attributes
    ----------
    line
        Number of the row's line in the file, from 1.
    local_s
        Wall-clock seconds since 1970-01-01T00:00.
    offset_s
        Seconds east of UTC where the row said so, else `NO_OFFSET`.
    numbers
        A column per name of `NUMBERS` that the file has; NaN where the cell was empty.

    """

    line: IntArray
    local_s: IntArray
    offset_s: IntArray
    numbers: dict[str, FloatArray]

    def take(self, index: IntArray) -> Columns:
        return Columns(
            self.line[index],
            self.local_s[index],
            self.offset_s[index],
            {name: values[index] for name, values in self.numbers.items()},
        )


def concatenated(parts: list[Columns]) -> Columns:
    """Join parts that have the same columns, in the order of their lines; empties the list as it goes."""
    if len(parts) == 1:
        return parts.pop()
    names = list(parts[0].numbers)
    pieces = [[part.line, part.local_s, part.offset_s, *part.numbers.values()] for part in parts]
    parts.clear()
    joined = []
    for _column in range(len(pieces[0])):
        joined.append(np.concatenate([piece[0] for piece in pieces]))
        for piece in pieces:
            del piece[0]  # so that a column is never held twice for long
    line, local_s, offset_s, *numbers = joined
    whole = Columns(line, local_s, offset_s, dict(zip(names, numbers, strict=True)))
    if (np.diff(whole.line) < 0).any():
        whole = whole.take(np.argsort(whole.line, kind="stable"))
    return whole


def largest(name: str, limits: Limits) -> float:
    """Give the largest amount that a column may hold in one interval."""
    if name == AHT:
        return limits.seconds
    return limits.seconds * limits.contacts if name in SECONDS else limits.contacts
