"""An .xlsx workbook as lines: the first visible sheet with a table of intervals, its dates written out."""

from __future__ import annotations

import datetime as dt
import re
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.archive import Archive
from apps.demand.services.reading.layout import (
    OFFERED,
    POSITIONAL,
    START,
    Wanted,
    column_letters,
    column_of,
)
from apps.demand.services.reading.sheet import rows_of
from apps.demand.services.reading.text_table import SEPARATOR, TextTable, in_blocks, line_of, quoted, too_wide
from apps.demand.services.reading.workbook import SharedStrings, read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.demand.services.reading.limits import Limits
    from apps.demand.services.reading.sheet import Cell, Row

    _DenseRow = tuple[int, list[Cell]]

_DATE_TEXT = re.compile(r"\s*\d{1,4}[.-]\d{1,2}[.-]\d{1,4}[ T]", re.ASCII)
_DAYS = (32_874, 73_051)  # 1990-01-01 and 2100-01-01 as spreadsheets count days
_DAY_S = 86_400
_SYSTEM_1900, _SYSTEM_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)  # noqa: DTZ001 - wall-clock time
_DECIMALS = 6
_EXACT = 1e15


class _Found:
    """Where a table begins: the heading's cells, or nothing for a table without one; columns of moments."""

    def __init__(
        self, heading_row: int, cells: list[str] | None, width: int, moments: frozenset[int]
    ) -> None:
        self.heading_row, self.cells = heading_row, cells
        self.width, self.moments = width, moments


def workbook_table(file: IO[bytes], limits: Limits, wanted: Wanted) -> TextTable:
    """Open a workbook at its first visible sheet that begins with a table such as is wanted.

    Rows above the heading are passed over; a merged heading cell counts for the row below it as well.

    Raises
    ------
    FileRefusedError
        No such sheet, or a workbook that is damaged, hostile or beyond the limits.

    """
    archive = Archive(file, limits)
    workbook = read_workbook(archive, limits)
    strings = SharedStrings.of(archive, workbook.strings_part, limits)
    visible = [sheet for sheet in workbook.sheets if not sheet.is_hidden][: limits.sheets]
    near: list[_DenseRow] = []
    for sheet in visible:
        rows = rows_of(archive, sheet.part, strings, limits)
        head = list(islice(rows, limits.heading_within))
        dense = [(number, _dense(cells, limits.columns)) for number, cells in head]
        found = _find_table(dense, wanted)
        if found is None:
            near = near or _known_row(dense, wanted)
            continue
        if limits.columns in dict(head).get(found.heading_row, ()):
            raise too_wide(limits.columns)
        epoch = _SYSTEM_1904 if workbook.is_1904 else _SYSTEM_1900
        table = TextTable("xlsx", iter(()), lambda: 0.0, sheet=sheet.name, letters=True)
        table.other_sheets = tuple(other.name for other in visible if other is not sheet)
        counted = _Counted(chain(head, rows), archive.size_of(sheet.part))
        table.fraction = counted.fraction
        table.blocks = in_blocks(_lines(counted, found, epoch, _Strays(table, limits)))
        return table
    raise _no_table([sheet.name for sheet in visible], near, wanted)


class _Counted:
    """Rows, with a guess of how many of them are behind us: a cell takes some 40 bytes of a sheet."""

    def __init__(self, rows: Iterator[Row], sheet_bytes: int) -> None:
        self._rows = rows
        self._sheet_bytes = sheet_bytes
        self._cells = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self._cells += len(row[1]) + 1
            yield row

    def fraction(self) -> float:
        return min(self._cells * 40 / max(self._sheet_bytes, 1), 1.0)


class _Strays:
    """Names the columns outside the heading that hold something; of those too far to be read, one."""

    def __init__(self, table: TextTable, limits: Limits) -> None:
        self._names, self._most = table.stray, limits.columns
        self._has_far = False

    def add(self, column: int) -> None:
        is_far = column >= self._most
        if not (is_far and self._has_far):
            self._names.setdefault(column_letters(column))
        self._has_far |= is_far


def _dense(cells: dict[int, Cell], most: int) -> list[Cell]:
    width = max((column for column in cells if column < most), default=-1) + 1
    return [cells.get(column) for column in range(width)]


def _find_table(head: list[_DenseRow], wanted: Wanted) -> _Found | None:
    """Find the heading, or the first row of data where no row above it names a column."""
    above: list[Cell] = []
    for index, (number, cells) in enumerate(head):
        merged = _under(above, cells)
        names = next((names for names in (_texts(cells), _texts(merged)) if _is_heading(names, wanted)), None)
        if names is not None:
            following = head[index + 1] if index + 1 < len(head) else (0, [])
            return _lower_heading(cells, following, wanted) or _heading(number, names, wanted)
        if wanted.is_row is not None and wanted.is_row(cells):
            return None if _known_row(head[:index], wanted) else _without_heading(number, cells, wanted)
        if any(cell is not None for cell in cells):
            above = cells
    return None


def _is_heading(names: list[str], wanted: Wanted) -> bool:
    return not wanted.missing(names)


def _heading(number: int, names: list[str], wanted: Wanted) -> _Found:
    width = max(index for index, name in enumerate(names) if name) + 1
    moments = (index for index, name in enumerate(names) if wanted.column_of(name) in wanted.moments)
    return _Found(number, names[:width], width, frozenset(moments))


def _without_heading(number: int, cells: list[Cell], wanted: Wanted) -> _Found:
    moments = (index for index, name in enumerate(wanted.positional) if name in wanted.moments)
    return _Found(number - 1, None, len(_trimmed(cells)), frozenset(moments))


def _lower_heading(cells: list[Cell], following: _DenseRow, wanted: Wanted) -> _Found | None:
    """Give the heading of two rows, where the row below a heading names columns too.

    Where no row of data can be told by itself ("Operator" is a column and a position), a lower row belongs to
    the heading only when both together know what the upper one knows, and more.
    """
    number, below = following
    is_data = wanted.is_row is not None and wanted.is_row(below)
    if is_data or not wanted.columns(_texts(below)):
        return None
    names = _texts(_under(cells, below))
    if wanted.is_row is None and not wanted.columns(names) > wanted.columns(_texts(cells)):
        return None
    return _heading(number, names, wanted) if _is_heading(names, wanted) else None


def _under(above: list[Cell], cells: list[Cell]) -> list[Cell]:
    """Lay a row over the one above it: a heading merged downwards stands in the upper one only."""
    width = max(len(above), len(cells))
    upper, lower = (row + [None] * (width - len(row)) for row in (above, cells))
    return [high if low is None else low for high, low in zip(upper, lower, strict=True)]


def _is_data(cells: Sequence[Cell]) -> bool:
    if len(_trimmed(cells)) < 2:  # noqa: PLR2004 - start and contacts
        return False
    start, contacts = cells[0], cells[1]
    is_start = _is_day(start) if isinstance(start, float) else bool(_DATE_TEXT.match(start or ""))
    return is_start and (isinstance(contacts, float) or str(contacts or "").strip().isdigit())


def _is_day(value: float) -> bool:
    return _DAYS[0] <= value < _DAYS[1]


INTERVALS = Wanted(
    column_of,
    needed=(START, OFFERED),
    moments=frozenset({START}),
    positional=POSITIONAL,
    is_row=_is_data,
)


def _trimmed(cells: Sequence[Cell]) -> list[Cell]:
    width = max((index for index, cell in enumerate(cells) if cell is not None), default=-1) + 1
    return list(cells[:width])


def _texts(cells: list[Cell]) -> list[str]:
    return [
        cell.strip() if isinstance(cell, str) else "" if cell is None else number_text(cell) for cell in cells
    ]


def _lines(rows: _Counted, found: _Found, epoch: dt.datetime, strays: _Strays) -> Iterator[str]:
    line = 0
    for number, cells in rows:
        while line < number - 1:
            line += 1
            yield line_of(found.cells) if found.cells and line == found.heading_row else ""
        line = number
        if number < found.heading_row or not cells:
            yield ""
            continue
        for column in cells:
            if column >= found.width:
                strays.add(column)
        yield line_of(found.cells or ()) if number == found.heading_row else _line(cells, found, epoch)


def _line(cells: dict[int, Cell], found: _Found, epoch: dt.datetime) -> str:
    """Write the columns of the heading; the gaps between filled cells cost no more than their separators."""
    line, at = [], 0
    for column, cell in cells.items():
        if column >= found.width:
            break
        if isinstance(cell, str):
            text = quoted(cell)
        elif cell is None:
            text = ""
        else:
            text = _moment_text(cell, epoch) if column in found.moments else number_text(cell)
        line.append(SEPARATOR * (column - at) + text)
        at = column
    return "".join(line) + SEPARATOR * (found.width - 1 - at)


def _moment_text(days: float, epoch: dt.datetime) -> str:
    """Write days since `epoch` as a date and time, to the second; what is no such day stays a number."""
    whole = int(days)
    if not _DAYS[0] - 1462 <= whole < _DAYS[1]:  # the systems are 1462 days apart
        return number_text(days)
    moment = epoch + dt.timedelta(days=whole, seconds=round((days - whole) * _DAY_S))
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def number_text(value: float) -> str:
    """Write a number without the noise of its last binary digits."""
    if value == int(value) and abs(value) < _EXACT:
        return str(int(value))
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def _known_row(head: list[_DenseRow], wanted: Wanted) -> list[_DenseRow]:
    return next(([row] for row in head if any(map(wanted.column_of, _texts(row[1])))), [])


def _no_table(names: list[str], near: list[_DenseRow], wanted: Wanted) -> FileRefusedError:
    if not near and wanted is INTERVALS:
        return FileRefusedError(
            Phrase(
                _(
                    "No sheet begins with a table of intervals: a heading with interval start and contacts,"
                    " or a date and a number. Sheets: %(names)s."
                ),
                {"names": ", ".join(names)[:200] or "–"},
            )
        )
    if not near:
        return FileRefusedError(
            Phrase(
                _("No sheet begins with a table that has the columns %(needed)s. Sheets: %(names)s."),
                {"needed": ", ".join(wanted.missing([])), "names": ", ".join(names)[:200] or "–"},
            )
        )
    number, cells = near[0]
    missing = ", ".join(wanted.missing(_texts(cells)))
    return FileRefusedError(
        Phrase(
            _("The heading in row %(row)d has no column for: %(missing)s. It has: %(cells)s."),
            {
                "row": number,
                "missing": missing,
                "cells": ", ".join(repr(name[:40]) for name in _texts(cells)[:8] if name),
            },
        )
    )
