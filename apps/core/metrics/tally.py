"""What this process has counted and not yet added to the shared figures."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SEPARATOR = "\x1f"


class Tally:
    """Sums by field, added by any thread and taken by the one that shares them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[str, float] = {}

    def add(self, steps: Iterable[tuple[str, float]]) -> None:
        with self._lock:
            for name, amount in steps:
                self._sums[name] = self._sums.get(name, 0.0) + amount

    def take(self) -> Mapping[str, float]:
        with self._lock:
            taken, self._sums = self._sums, {}
        return taken

    def peek(self) -> Mapping[str, float]:
        with self._lock:
            return dict(self._sums)

    def forget(self) -> None:
        """Begin anew in a child process, which shares neither what its parent counted nor its locks."""
        self.__init__()  # type: ignore[misc]


tally = Tally()
os.register_at_fork(after_in_child=tally.forget)


def field(metric: str, *labels: str) -> str:
    """Give the name of a sum: the metric and the values of its labels."""
    return SEPARATOR.join((metric, *labels))
