"""A table as an Excel workbook, written row by row in constant memory; no text is a formula or a link."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.utils.translation import get_language

from apps.core.exporting.tables import FIGURES, Kind, figure, is_figure, words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from apps.core.exporting.tables import Column, Table

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_BEGINS_FORMULA = tuple("=+-@\t\r\n")
_TEXT_CHARS = 32_767  # of a cell
_EXACT = 2**53  # a larger whole number would lose its last digits
_NOT_IN_SHEETS = re.compile(r"[\[\]:*?/\\]+")
_SHEET_CHARS = 31
_RESERVED = "history"  # Excel refuses a sheet of this name


def to_xlsx(table: Table) -> bytes:
    """Write the table with its facts above it, its headings frozen and filterable, its totals in bold."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": str(table.name)})
        _Sheet(book, table).write()
    return out.getvalue()


def sheet_name(name: str) -> str:
    """Give a name that Excel accepts for a sheet."""
    plain = _NOT_IN_SHEETS.sub(" ", name).strip(" '")[:_SHEET_CHARS].strip(" '") or "1"
    return f"{plain} 1" if plain.lower() == _RESERVED else plain


class _Sheet:
    def __init__(self, book: Any, table: Table) -> None:
        self._table = table
        self._sheet = book.add_worksheet(sheet_name(table.name))
        self._book = book
        self._line = 0
        self._formats: dict[tuple[str, bool, bool], Any] = {}
        day = "dd.mm.yyyy" if get_language() == "ru" else "yyyy-mm-dd"
        self._codes = {Kind.DATE: day, Kind.MOMENT: f"{day} hh:mm", Kind.INTEGER: "#,##0"}

    def write(self) -> None:
        table, sheet = self._table, self._sheet
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.chars)
        for label, value in table.about:
            self._text(0, str(label), self._format("@", bold=True))
            self._text(1, str(value), self._format("@"))
            self._line += 1
        self._line += bool(table.about)
        heading = self._book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        for place, text in enumerate(table.headings()):
            sheet.write_string(self._line, place, text[:_TEXT_CHARS], heading)
        first = self._line
        self._line += 1
        self._rows(table.counted_rows(), bold=False)
        sheet.freeze_panes(first + 1, 1)
        if table.columns:
            sheet.autofilter(first, 0, max(self._line - 1, first), len(table.columns) - 1)
        self._rows(table.foot, bold=True)

    def _rows(self, rows: Any, *, bold: bool) -> None:
        writers = [
            (place, column.value, self._writer(column, bold=bold))
            for place, column in enumerate(self._table.columns)
        ]
        for row in rows:
            for place, value_of, write in writers:
                value = value_of(row)
                if value is not None:
                    write(place, value)
            self._line += 1

    def _writer(self, column: Column, *, bold: bool) -> Callable[[int, Any], None]:
        """Give what writes a cell of the column into the current line."""
        style = self._format(self._code(column), bold=bold)
        text_style = self._format("@", bold=bold)

        def write_figure(place: int, value: Any) -> None:
            number = figure(column, value)
            if number is not None:
                self._number(place, number, style)

        def write_day(place: int, value: dt.date) -> None:
            self._sheet.write_datetime(self._line, place, value, style)

        def write_moment(place: int, value: dt.datetime) -> None:
            local = self._table.local(value)
            if isinstance(local, str):
                self._text(place, local, text_style)
            else:
                self._sheet.write_datetime(self._line, place, local, style)

        def write_words(place: int, value: Any) -> None:
            self._text(place, words(value), text_style)

        def write_any(place: int, value: Any) -> None:
            (write_figure if is_figure(column, value) else write_words)(place, value)

        if column.kind in FIGURES:
            return write_figure
        return {Kind.DATE: write_day, Kind.MOMENT: write_moment, Kind.MIXED: write_any}.get(
            column.kind, write_words
        )

    def _number(self, place: int, number: float, style: Any) -> None:
        if abs(number) < _EXACT:
            self._sheet.write_number(self._line, place, number, style)
        else:
            self._text(place, str(number), style)

    def _text(self, place: int, text: str, style: Any) -> None:
        """Write text as text; the apostrophe of Excel keeps it so when somebody edits the cell."""
        if text.startswith(_BEGINS_FORMULA):
            style = self._format("@", bold=style.bold, quoted=True)
        self._sheet.write_string(self._line, place, text[:_TEXT_CHARS], style)

    def _code(self, column: Column) -> str:
        decimals = f".{'0' * column.decimals}" if column.decimals else ""
        if column.kind == Kind.SHARE:
            return f"0{decimals}%"
        if column.kind in self._codes:
            return self._codes[column.kind]
        is_text = column.kind not in FIGURES and column.kind != Kind.MIXED
        return "@" if is_text else "General" if column.kind == Kind.MIXED else f"#,##0{decimals}"

    def _format(self, code: str, *, bold: bool = False, quoted: bool = False) -> Any:
        key = (code, bool(bold), quoted)
        if key not in self._formats:
            self._formats[key] = self._book.add_format(
                {"num_format": code, "bold": bool(bold), "quote_prefix": quoted}
            )
        return self._formats[key]
