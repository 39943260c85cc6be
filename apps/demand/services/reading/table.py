"""A whole file: its layout, its rows as columns, and what was wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.columns import NUMBERS, Columns, concatenated
from apps.demand.services.reading.fast import read_block
from apps.demand.services.reading.layout import detect_layout, with_letters
from apps.demand.services.reading.report import Report
from apps.demand.services.reading.slow import BrokenRowError, read_row
from apps.demand.services.reading.source import blocks_of_lines, open_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.demand.services.reading.fast import Block
    from apps.demand.services.reading.layout import Layout
    from apps.demand.services.reading.limits import Limits
    from apps.demand.services.reading.text_table import TextTable


_CELLS_AT_START = 1_000_000  # a second's work; a first block of text has 65 000 that are not empty


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are right in themselves, and the report of those that are not."""

    layout: Layout
    columns: Columns
    rows_read: int
    report: Report
    kind: str = "csv"
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


def read_table(
    file: IO[bytes],
    limits: Limits,
    *,
    group: str = "",
    after_block: Callable[[int, float], None] = lambda _rows, _fraction: None,
) -> Table:
    """Read a file of intervals, whatever its format.

    `after_block` is told the rows read so far and the share of the file, and may raise to stop; `group` is
    the contact centre's, for documents of several (see `open_table`).

    Raises
    ------
    FileRefusedError
        The file is not a table of intervals, or larger than the limits.

    """
    text = open_table(file, limits, group=group)
    if text.kind == "csv":
        _refuse_too_many_lines(file, limits)
        text = open_table(file, limits)
    reader: _Reader | None = None
    for block in text.blocks:
        if reader is None:
            reader = _Reader(text, limits)
        if reader.read(block):
            after_block(reader.rows_read, text.fraction())
    if reader is None or not reader.rows_read:
        raise _no_rows()
    return Table(
        replace(reader.layout, unknown=(*reader.layout.unknown, *text.stray)),
        concatenated(reader.parts),
        reader.rows_read,
        reader.report,
        text.kind,
        text.sheet,
        text.other_sheets,
    )


def check_start(file: IO[bytes], limits: Limits, *, group: str = "") -> Layout:
    """Read the first rows: cheap enough to refuse a wrong file before it is a job.

    A workbook may have fewer cells before its first rows of data than in the whole of it: somebody waits.
    """
    limits = replace(limits, cells=min(limits.cells, _CELLS_AT_START))
    text = open_table(file, limits, group=group)
    if text.kind == "csv":
        _refuse_too_many_lines(file, limits)
        text = open_table(file, limits)
    reader = _Reader(text, limits)
    for block in text.blocks:
        if reader.read(block):
            return reader.layout
    raise _no_rows()


def _no_rows() -> FileRefusedError:
    return FileRefusedError(Phrase(_("The file has no rows of data.")))


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
    layout: Layout
    report: Report

    def __init__(self, text: TextTable, limits: Limits) -> None:
        self.parts: list[Columns] = []
        self.rows_read = 0
        self._limits = limits
        self._letters = text.letters
        self._next_line = text.first_line
        self._header_line: int | None = None
        self._has_layout = False

    def read(self, text: bytes) -> bool:
        """Read whole lines; tells whether the table has begun, which a line that is not blank does."""
        if not self._has_layout and not self._find_layout(text):
            self._next_line += text.count(b"\n")
            return False
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
        return True

    def _find_layout(self, text: bytes) -> bool:
        for index, line in enumerate(text.split(b"\n")):
            if line.strip():
                layout = detect_layout(line)
                self.layout = with_letters(layout) if self._letters else layout
                self.report = Report(self.layout, self._limits.errors_kept)
                self._header_line = self._next_line + index if layout.has_header else None
                self._has_layout = True
                return True
        return False

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
