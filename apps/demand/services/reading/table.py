"""A whole file: its layout, its rows as columns, and what was wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.columns import NUMBERS, Columns, concatenated
from apps.demand.services.reading.fast import read_block
from apps.demand.services.reading.layout import detect_layout
from apps.demand.services.reading.report import Report
from apps.demand.services.reading.slow import BrokenRowError, read_row
from apps.demand.services.reading.source import blocks_of_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.demand.services.reading.fast import Block
    from apps.demand.services.reading.layout import Layout
    from apps.demand.services.reading.limits import Limits


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are right in themselves, and the report of those that are not."""

    layout: Layout
    columns: Columns
    rows_read: int
    report: Report


def read_table(
    file: IO[bytes], limits: Limits, *, after_block: Callable[[int], None] = lambda _rows: None
) -> Table:
    """Read a file of intervals; `after_block` is told the rows read so far and may raise to stop.

    Raises
    ------
    FileRefusedError
        The file is not a table of intervals, or larger than the limits.

    """
    _refuse_too_many_lines(file, limits)
    reader: _Reader | None = None
    for block in blocks_of_lines(file, limits):
        if reader is None:
            if not block.strip():
                continue
            reader = _Reader(block, limits)
        reader.read(block)
        after_block(reader.rows_read)
    if reader is None or not reader.rows_read:
        raise FileRefusedError(Phrase(_("The file has no rows of data.")))
    return Table(reader.layout, concatenated(reader.parts), reader.rows_read, reader.report)


def check_start(file: IO[bytes], limits: Limits) -> Layout:
    """Count the lines, read the first block: cheap enough to refuse a wrong file before it is a job."""
    _refuse_too_many_lines(file, limits)
    for block in blocks_of_lines(file, limits):
        if block.strip():
            reader = _Reader(block, limits)
            reader.read(block)
            return reader.layout
    raise FileRefusedError(Phrase(_("The file has no rows of data.")))


def _refuse_too_many_lines(file: IO[bytes], limits: Limits) -> None:
    """Refuse by a count, which takes a fraction of the reading: a hostile file costs little."""
    lines = 0
    for block in blocks_of_lines(file, limits):
        lines += block.count(b"\n")
        if lines > limits.rows + 1:  # a heading
            raise _too_long(limits)


def _too_long(limits: Limits) -> FileRefusedError:
    return FileRefusedError(
        Phrase(_("The file has more than %(most)d rows; split it."), {"most": limits.rows})
    )


class _Reader:
    def __init__(self, first_block: bytes, limits: Limits) -> None:
        lines = first_block.split(b"\n", 64)
        at = next((index for index, line in enumerate(lines) if line.strip()), 0)
        self.layout = detect_layout(lines[at])
        self.report = Report(self.layout, limits.errors_kept)
        self.parts: list[Columns] = []
        self.rows_read = 0
        self._limits = limits
        self._next_line = 1
        self._header_line = at + 1 if self.layout.has_header else 0

    def read(self, text: bytes) -> None:
        block = read_block(text, self._next_line, self.layout, self._limits)
        self._next_line += text.count(b"\n")
        self.parts.append(block.clean)
        self.rows_read += block.clean.line.size
        slow = self._read_others(text, block)
        if slow is not None:
            self.parts.append(slow)
        if self.rows_read > self._limits.rows:
            raise _too_long(self._limits)
        if self.rows_read and self.report.count == self.rows_read:
            self._refuse_first()

    def _read_others(self, text: bytes, block: Block) -> Columns | None:
        lines, moments, offsets = [], [], []
        numbers: dict[str, list[float]] = {name: [] for name in NUMBERS if name in self.layout.positions}
        for line, (begin, end) in zip(block.other_lines.tolist(), block.other_bounds.tolist(), strict=True):
            row = text[begin:end]
            if line == self._header_line or not row.strip():
                continue
            self.rows_read += 1
            try:
                local_s, offset_s, values = read_row(row, self.layout, self._limits)
            except BrokenRowError as error:
                self.report.add(line, error.column, error.reason, error.value)
                continue
            lines.append(line)
            moments.append(local_s)
            offsets.append(offset_s)
            for name, value in values.items():
                numbers[name].append(value)
        if not lines:
            return None
        return Columns(
            np.array(lines, dtype=np.int64),
            np.array(moments, dtype=np.int64),
            np.array(offsets, dtype=np.int64),
            {name: np.array(values, dtype=np.float64) for name, values in numbers.items()},
        )

    def _refuse_first(self) -> None:
        """Say by its first row why a file whose every row so far is broken is another kind of file."""
        first = self.report.kept[0]
        raise FileRefusedError(
            Phrase(
                _(
                    "None of the first %(count)d rows is a row of intervals."
                    " Line %(line)d: %(reason)s (%(value)s)"
                ),
                {
                    "count": self.rows_read,
                    "line": first.line,
                    "reason": first.reason,
                    "value": repr(first.value[:60]),
                },
            )
        )
