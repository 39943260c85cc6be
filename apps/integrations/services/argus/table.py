"""A file of named columns, whatever its format, as cells by column; what is wrong with a row is listed."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.layout import Wanted, column_letters
from apps.demand.services.reading.limits import DEFAULT_LIMITS
from apps.demand.services.reading.source import digest_of, open_table
from apps.demand.services.reading.text_table import is_1251, text_of
from apps.demand.types import RowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.demand.services.reading.text_table import TextTable
    from apps.integrations.wire.argus.columns import Names

LIMITS = replace(DEFAULT_LIMITS, rows=100_000)
ERRORS_KEPT = 1_000
_LABEL_CHARS, _VALUE_CHARS = 60, 200
_SEPARATORS = ";\t,"


@dataclass
class Report:
    """Broken rows of one table: `kept` are the first ones, `count` is all of them."""

    labels: dict[str, str] = field(default_factory=dict)
    count: int = 0
    kept: list[RowError] = field(default_factory=list)

    def add(self, line: int, column: str, reason: Phrase, value: str = "") -> None:
        self.count += 1
        if len(self.kept) < ERRORS_KEPT:
            label = self.labels.get(column, column)
            self.kept.append(RowError(line, label[:_LABEL_CHARS], reason, value[:_VALUE_CHARS]))

    def sorted(self) -> list[RowError]:
        return sorted(self.kept, key=lambda error: error.line)


@dataclass
class NamedTable:
    """A table that is being read: its columns, the number of its rows so far, what was refused."""

    names: Names
    text: TextTable
    report: Report = field(default_factory=Report)
    rows_read: int = 0
    unknown: list[str] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    width: int = 0
    separator: str = ""
    is_1251: bool = False

    def facts(self) -> dict[str, object]:
        """Give how the table was read, as JSON."""
        return {
            "format": self.text.kind,
            "sheet": self.text.sheet,
            "other_sheets": list(self.text.other_sheets),
            "separator": self.separator if self.text.kind == "csv" else "",
            "columns": self.report.labels,
            "unknown": [*self.unknown, *self.text.stray],
            "errors_kept": len(self.report.kept),
        }

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the line number and the cells by column of each row that is not blank."""
        line = self.text.first_line - 1
        for block in self.text.blocks:
            for raw in block.removesuffix(b"\n").split(b"\n"):
                line += 1
                if not raw.strip(b" \t\r;,"):
                    continue
                cells = self._split(line, self._text(raw).replace("\r", " "))
                if cells is not None:
                    yield line, cells
        if not self.rows_read:
            raise FileRefusedError(Phrase(_("The file has no rows of data.")))

    def _text(self, raw: bytes) -> str:
        if not self.positions:  # the heading tells of which encoding the file is
            self.is_1251 = is_1251(raw)
        return raw.decode("cp1251", errors="replace") if self.is_1251 else text_of(raw)

    def _split(self, line: int, text: str) -> dict[str, str] | None:
        if not self.positions:
            return self._first(line, text)
        self.rows_read += 1
        if self.rows_read > LIMITS.rows:
            raise FileRefusedError(
                Phrase(_("The file has more than %(most)d rows; split it."), {"most": LIMITS.rows})
            )
        return self._cells(line, text)

    def _first(self, line: int, text: str) -> dict[str, str] | None:
        """Find the columns; the first row of a table without a heading is a row of data as well."""
        self.separator = next((mark for mark in _SEPARATORS if mark in text), _SEPARATORS[0])
        try:
            cells = _split_cells(text, self.separator)
        except csv.Error as error:
            raise FileRefusedError(Phrase(_("The row cannot be split into cells."))) from error
        known = [self.names(cell) for cell in cells]
        if not any(known) and self.names.positional:
            self.positions = {name: place for place, name in enumerate(self.names.positional)}
            self.width = len(self.positions)
            return self._split(line, text)
        self._take_heading(cells, known)
        return None

    def _take_heading(self, cells: list[str], known: list[str | None]) -> None:
        for place, (cell, column) in enumerate(zip(cells, known, strict=True)):
            if column is None:
                self.unknown += [cell[:_LABEL_CHARS]] if cell else []
                continue
            if column in self.positions:
                one, two = cells[self.positions[column]][:_LABEL_CHARS], cell[:_LABEL_CHARS]
                message = _("Columns “%(one)s” and “%(two)s” mean the same.")
                raise FileRefusedError(Phrase(message, {"one": one, "two": two}))
            self.positions[column] = place
            letter = f"{column_letters(place)}: " if self.text.letters else ""
            self.report.labels[column] = f"{letter}{cell}"
        missing = [name for name in self.names.needed if name not in self.positions]
        if self.names.any_of and not self.positions.keys() & set(self.names.any_of):
            missing.append(" / ".join(self.names.any_of))
        if missing:
            shown = ", ".join(repr(cell[:40]) for cell in cells[:8])
            message = _("The header has no column for: %(missing)s. It has: %(cells)s.")
            raise FileRefusedError(Phrase(message, {"missing": ", ".join(missing), "cells": shown}))
        self.width = len(cells)

    def _cells(self, line: int, text: str) -> dict[str, str] | None:
        try:
            cells = _split_cells(text, self.separator)
        except csv.Error:
            self.report.add(line, "", Phrase(_("The row cannot be split into cells.")), text)
            return None
        if len(cells) < self.width or any(cells[self.width :]):
            message = _("The row has %(have)d cells instead of %(want)d.")
            self.report.add(line, "", Phrase(message, {"have": len(cells), "want": self.width}), text)
            return None
        return {name: cells[place] for name, place in self.positions.items()}


def open_named(file: IO[bytes], names: Names) -> NamedTable:
    """Open a file of named columns; `FileRefusedError` for what is no such table or beyond the limits."""
    wanted = Wanted(
        names,
        needed=names.needed,
        any_of=names.any_of,
        moments=names.moments,
        positional=names.positional,
        is_row=_is_numbers if names.positional else None,
    )
    return NamedTable(names, open_table(file, LIMITS, wanted=wanted))


def digest(file: IO[bytes]) -> str:
    """Give the SHA-256 of a file, refusing one that is too large."""
    return digest_of(file, LIMITS)


def _is_numbers(cells: Sequence[str | float | None]) -> bool:
    """Tell the first row of a table of bare numbers."""
    filled = [cell for cell in cells if cell is not None]
    return len(filled) > 1 and all(isinstance(cell, float) for cell in filled)


def _split_cells(text: str, separator: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([text], delimiter=separator), [])]
