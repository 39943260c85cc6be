"""A table as CSV that spreadsheet programs open as it is meant: a mark of UTF-8, semicolons, no formulas."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from apps.core.exporting.tables import Kind, figure, is_figure, words

if TYPE_CHECKING:
    from apps.core.exporting.tables import Column, Table

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SHIELD = "'"


def to_csv(table: Table) -> bytes:
    """Write the table as UTF-8 with a mark; decimals as the reader's language writes them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    mark = "," if get_language() == "ru" else "."
    writer.writerow([shielded(heading) for heading in table.headings()])
    for row in table.counted_rows():
        writer.writerow([_cell(table, column, column.value(row), mark) for column in table.columns])
    for row in table.foot:
        writer.writerow([_cell(table, column, column.value(row), mark) for column in table.columns])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def shielded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program would run as a formula."""
    return _SHIELD + text if text.startswith(_BEGINS_FORMULA) else text


def _cell(table: Table, column: Column, value: Any, mark: str) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        local = table.local(value)
        return local if isinstance(local, str) else f"{local:%Y-%m-%d %H:%M:%S}"
    if is_figure(column, value):
        return _number(column, figure(column, value), mark)
    return shielded(words(value).replace("\x00", ""))


def _number(column: Column, value: float | None, mark: str) -> str:
    if value is None:
        return ""
    if column.kind == Kind.SHARE:
        text = f"{value:.6f}".rstrip("0").rstrip(".")
    elif isinstance(value, int):
        text = str(value)
    else:
        text = f"{value:.{column.decimals}f}"
    return text.replace(".", mark)
