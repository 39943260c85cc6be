"""The rows of one sheet as its XML is read: texts and numbers; of a formula the value kept with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.hardened_xml import HardenedParser
from apps.demand.services.reading.workbook import unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.demand.services.reading.archive import Archive
    from apps.demand.services.reading.limits import Limits
    from apps.demand.services.reading.workbook import SharedStrings

Cell = str | float | None
Row = tuple[int, dict[int, Cell]]

FORMULA = "="  # begins a cell whose formula has no value kept with it
_MOST_COLUMNS = 16_384
_FORMULA_CHARS = 60
_TEXTS = frozenset({"v", "t", "f"})


def rows_of(archive: Archive, part: str, strings: SharedStrings, limits: Limits) -> Iterator[Row]:
    """Yield the number and the filled cells, by column, of each row that the sheet holds, in order.

    Of the columns from `limits.columns` on, a row keeps the first that is filled: enough to tell of it.
    """
    reader = _SheetReader(strings, limits)
    parser = HardenedParser(limits, start=reader.start, end=reader.end, text=reader.text)
    for chunk in archive.chunks(part):
        parser.feed(chunk)
        archive.count_cells(reader.met())
        yield from reader.taken()
        if reader.is_done:
            return
    parser.feed(b"", last=True)
    yield from reader.taken()


class _SheetReader:
    def __init__(self, strings: SharedStrings, limits: Limits) -> None:
        self.is_done = False
        self._strings, self._limits = strings, limits
        self._rows: list[Row] = []
        self._in_data = False
        self._row = 0
        self._met = 0
        self._column = -1
        self._cells: dict[int, Cell] = {}
        self._kind = ""
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._into: list[str] | None = None
        self._chars = 0

    def taken(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def met(self) -> int:
        """Give how many rows and cells, empty ones too, were met since this was asked."""
        met, self._met = self._met, 0
        return met

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if element == "sheetData":
            self._in_data = True
        elif not self._in_data:
            return
        elif element == "c":
            self._start_cell(attributes)
        elif element == "f":
            self._into = self._formula = []
        elif element in _TEXTS:
            self._into = self._value
        elif element == "row":
            self._start_row(attributes)

    def end(self, element: str) -> None:
        if not self._in_data:
            return
        if element in _TEXTS:
            self._into = None
        elif element == "c":
            self._end_cell()
        elif element == "row":
            self._rows.append((self._row, self._cells))
        elif element == "sheetData":
            self._in_data, self.is_done = False, True

    def text(self, piece: str) -> None:
        if self._into is None:
            return
        self._chars += len(piece)
        if self._chars > self._limits.line_bytes:
            raise FileRefusedError(
                Phrase(
                    _("Row %(row)d holds a text longer than %(kb)d kB: it is not a table of intervals."),
                    {"row": self._row, "kb": self._limits.line_bytes // 1024},
                )
            )
        self._into.append(piece)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = _whole(attributes.get("r", str(self._row + 1)))
        if not self._row < number <= self._limits.sheet_rows:
            raise _out_of_order(self._row)
        self._row, self._column, self._cells = number, -1, {}
        self._met += 1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        column = self._column + 1 if place is None else _column(place)
        if not self._column < column < _MOST_COLUMNS:
            raise _out_of_order(self._row)
        self._column = column
        self._met += 1
        self._kind = attributes.get("t", "n")
        self._value, self._formula, self._into, self._chars = [], None, None, 0

    def _end_cell(self) -> None:
        if self._column >= self._limits.columns and self._is_far_kept():
            return
        content = self._content()
        if content not in {None, ""}:
            self._cells[self._column] = content

    def _is_far_kept(self) -> bool:
        return bool(self._cells) and next(reversed(self._cells)) >= self._limits.columns

    def _content(self) -> Cell:
        text = "".join(self._value)
        if not text:
            no_value = self._formula is not None and self._kind != "str"
            return FORMULA + "".join(self._formula or ())[:_FORMULA_CHARS] if no_value else None
        if self._kind == "n":
            return _number(text)
        if self._kind == "s":
            return self._shared(text)
        if self._kind == "b":
            return {"0": "FALSE", "1": "TRUE"}.get(text, text)
        return unescaped(text)

    def _shared(self, text: str) -> str:
        try:
            return self._strings[_whole(text)]
        except IndexError as error:
            raise FileRefusedError(
                Phrase(
                    _("The workbook is damaged: row %(row)d names a text that it does not hold."),
                    {"row": self._row},
                )
            ) from error


def _number(text: str) -> Cell:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) and "_" not in text else text


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("1048576") + 3 else -1


def _column(place: str) -> int:
    """Give the column, from 0, of a place like `AB12`; -1 if it is none."""
    column = 0
    for char in place[:4]:
        if not "A" <= char <= "Z":
            break
        column = column * 26 + ord(char) - ord("A") + 1
    return column - 1


def _out_of_order(row: int) -> FileRefusedError:
    return FileRefusedError(
        Phrase(
            _("The workbook is damaged: its rows or cells are out of order after row %(row)d."), {"row": row}
        )
    )
