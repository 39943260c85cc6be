"""Workbooks as spreadsheet programs and attackers make them, without a file in the repository."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADING = ("Дата", "Контакты", "AHT, с")
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_ROOT = (
    '<Relationships xmlns="r"><Relationship Id="rId1" Type="x/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
_BOOK = (
    '<workbook xmlns="m" xmlns:r="r"><workbookPr/><sheets><sheet name="One" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>"
)
_BOOK_RELATIONS = (
    '<Relationships xmlns="r"><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
HEAD_XML = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>start</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>calls</t></is></c></row>'
)


def workbook(
    sheets: dict[str, Sequence[Sequence[Any]]], *, hidden: Sequence[str] = (), date_1904: bool = False
) -> bytes:
    """Make a workbook of rows; datetimes become serials with a date format, texts stay texts."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "date_1904": date_1904}
    with xlsxwriter.Workbook(out, options) as book:
        moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            else:
                sheet.activate()
            for line, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.datetime):
                        sheet.write_datetime(line, column, cell, moment)
                    elif cell is not None:
                        sheet.write(line, column, cell)
    return out.getvalue()


def by_hand(
    rows_xml: str, *, extra: dict[str, bytes] | None = None, prologue: str = "", **parts: str
) -> bytes:
    """Make a workbook of hand-written XML: `rows_xml` goes into the one sheet."""
    members: dict[str, bytes] = {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": parts.get("root", _ROOT).encode(),
        "xl/workbook.xml": parts.get("book", _BOOK).encode(),
        "xl/_rels/workbook.xml.rels": parts.get("relations", _BOOK_RELATIONS).encode(),
        "xl/worksheets/sheet1.xml": (
            f'{prologue}<worksheet xmlns="m"><sheetData>{rows_xml}</sheetData></worksheet>'
        ).encode(),
    }
    if "strings" in parts:
        members["xl/sharedStrings.xml"] = parts["strings"].encode()
    return zipped(members | (extra or {}))


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
