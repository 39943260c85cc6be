"""Broken rows: counted exactly, kept up to a cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.demand.types import RowError

if TYPE_CHECKING:
    from apps.core.phrases import Phrase
    from apps.demand.services.reading.layout import Layout

_COLUMN_CHARS, _VALUE_CHARS = 60, 200


class Report:
    """Collects broken rows of one file; `kept` are the first ones, `count` is all of them."""

    def __init__(self, layout: Layout, keep: int) -> None:
        self._labels = layout.labels
        self._keep = keep
        self.count = 0
        self.kept: list[RowError] = []

    @property
    def is_full(self) -> bool:
        """Whether the next broken row will only be counted, so that its words need not be found."""
        return len(self.kept) >= self._keep

    def add(self, line: int, column: str, reason: Phrase, value: str) -> None:
        self.count += 1
        if not self.is_full:
            label = self._labels.get(column, column)
            self.kept.append(RowError(line, label[:_COLUMN_CHARS], reason, value[:_VALUE_CHARS]))

    def sorted(self) -> list[RowError]:
        return sorted(self.kept, key=lambda error: error.line)
