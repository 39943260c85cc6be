"""Workbooks that are damaged, renamed or made to harm: refused within two seconds, with the reason."""

from __future__ import annotations

import gzip
import io
import random
import struct
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.archive import Archive
from apps.demand.services.reading.limits import Limits
from apps.demand.services.reading.sheet import rows_of
from apps.demand.services.reading.source import open_table
from apps.demand.services.reading.table import check_start
from apps.demand.services.reading.workbook import SharedStrings
from tests.demand.files import read
from tests.demand.workbooks import HEAD_XML, HEADING, by_hand, workbook, zipped

if TYPE_CHECKING:
    from collections.abc import Callable

DATA_XML = '<row r="2"><c r="A2"><v>45719.3125</v></c><c r="B2"><v>7</v></c></row>'
GOOD = by_hand(HEAD_XML + DATA_XML)
ENTITIES = '<!DOCTYPE w [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LYING = "<Relationships xmlns='r'><Relationship Id='rId1' Type='x/worksheet' Target='{}'/></Relationships>"


def lied_about(content: bytes, name: bytes, size: int) -> bytes:
    """Say in the directory that a member unpacks to `size` bytes."""
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(name))
    return content[: at + 24] + struct.pack("<L", size) + content[at + 28 :]


def encrypted(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02")
    return content[: at + 8] + struct.pack("<H", 1) + content[at + 10 :]


def twice_the_same_name() -> bytes:
    return zipped({"xl/workbook.xml": b"a", "xl/workbooc.xml": b"b"}).replace(b"workbooc", b"workbook")


LONG = "".join(map(str, range(1_000_000)))
FILLER = {"media": random.Random(1).randbytes(300_000)}  # noqa: S311 - packs badly, so that the rest may pack well
TEXTS = "".join(f"<si><t>{number:09d} a text of no use</t></si>" for number in range(1_400_000))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "four million rows in 250 KB": (
        lambda: by_hand(HEAD_XML + "<row><c><v>1</v></c></row>" * 4_000_000),
        "more than 500000 rows",
    ),
    "forty million spaces": (lambda: by_hand(HEAD_XML + " " * 40_000_000), "unpacks to"),
    "nine million empty texts in 330 KB": (
        lambda: by_hand(
            HEAD_XML + '<row><c t="s"><v>8999999</v></c></row>',
            strings=f"<sst>{'<si/>' * 9_000_000}</sst>",
            extra=FILLER,
        ),
        "more than 1000000 texts",
    ),
    "a text of millions of pieces": (
        lambda: by_hand(
            HEAD_XML + '<row><c t="s"><v>0</v></c></row>',
            strings=f"<sst><si>{'<r/>' * 2_500_000}</si></sst>",
            extra=FILLER,
        ),
        "more than 1000000 texts",
    ),
    "two million rows": (
        lambda: by_hand(HEAD_XML + "".join(f'<row r="{n}"/>' for n in range(2, 2_000_000))),
        "more than 500000 rows",
    ),
    "a billion laughs": (lambda: by_hand(HEAD_XML + DATA_XML, prologue=ENTITIES), "declares XML entities"),
    "an entity from outside": (
        lambda: by_hand(HEAD_XML + DATA_XML, prologue=OUTSIDE),
        "declares XML entities",
    ),
    "entities in the strings": (
        lambda: by_hand(HEAD_XML + DATA_XML, strings=ENTITIES + "<sst><si><t>&b;</t></si></sst>"),
        "declares XML entities",
    ),
    "depth": (lambda: by_hand("<a>" * 100_000), "not like that of any spreadsheet"),
    "names": (
        lambda: by_hand("".join(f"<row{n} a{n}='1'/>" for n in range(5_000))),
        "not like that of any spreadsheet",
    ),
    "one endless attribute": (
        lambda: by_hand(f"<row a='{LONG}'/>"),
        "not like that of any spreadsheet",
    ),
    "an endless text": (
        lambda: by_hand(HEAD_XML + f'<row r="2"><c r="A2" t="str"><v>{LONG[:99_999]}</v></c></row>'),
        "a text longer than 64 kB",
    ),
    "texts without end": (
        lambda: by_hand(
            HEAD_XML + DATA_XML,
            strings=f"<sst>{TEXTS}</sst>",
        ),
        "MB of texts",
    ),
    "a column beyond the last": (
        lambda: by_hand('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>'),
        "out of order",
    ),
    "a row beyond the last": (lambda: by_hand('<row r="1048577"><c><v>1</v></c></row>'), "out of order"),
    "rows out of order": (lambda: by_hand(HEAD_XML + DATA_XML + DATA_XML), "out of order"),
    "a text that is not there": (
        lambda: by_hand('<row><c t="s"><v>9</v></c></row>'),
        "a text that it does not hold",
    ),
    "cut": (lambda: GOOD[:-30], "damaged"),
    "cut in the middle": (lambda: GOOD[: len(GOOD) // 2], "damaged"),
    "not whole XML": (lambda: by_hand(HEAD_XML + "<row"), "damaged"),
    "a false size": (
        lambda: lied_about(by_hand(HEAD_XML + DATA_XML * 999), b"xl/worksheets/sheet1.xml", 80),
        "damaged",
    ),
    "a password": (lambda: encrypted(GOOD), "protected by a password"),
    "many files": (
        lambda: by_hand(DATA_XML, extra={f"x{n}": b"" for n in range(1_001)}),
        "more than 1000 files",
    ),
    "one name twice": (twice_the_same_name, "two files of one name"),
    "a sheet that is not there": (
        lambda: by_hand("", relations=LYING.format("worksheets/no.xml")),
        "lacks xl/worksheets/no.xml",
    ),
    "a zip in a zip": (lambda: zipped({"book.xlsx": GOOD}), "not an Excel workbook"),
    "OpenDocument": (
        lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "OpenDocument",
    ),
    "a binary workbook": (lambda: zipped({"xl/workbook.bin": b"x"}), "binary workbook"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "Excel 97–2003"),
    "a packed workbook": (lambda: gzip.compress(GOOD), "binary"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_soon_and_says_why(name: str) -> None:
    translation.activate("en")
    make, reason = HOSTILE[name]
    content = make()
    begun = time.process_time()
    with pytest.raises(FileRefusedError) as refused:
        read(content)
    assert time.process_time() - begun < 2
    assert reason in refused.value.message


WIDE = {
    "the last column of every row": '<row><c r="XFD"/></row>' * 30_000,
    "the last column of every row, filled": '<row><c r="XFD"><v>1</v></c></row>' * 5_000,
    "the last column that is read": '<row><c r="IV"><v>1</v></c></row>' * 5_000,
    "whole rows of empty cells": f"<row>{'<c/>' * 16_384}</row>" * 20,
    "whole rows of filled cells": f"<row>{'<c><v>1</v></c>' * 16_384}</row>" * 5,
}


@pytest.mark.parametrize("name", WIDE)
def test_wide_rows_cost_what_they_hold_not_their_width(name: str) -> None:
    content = by_hand(HEAD_XML + WIDE[name], extra=FILLER)
    archive = Archive(io.BytesIO(content), Limits())
    part = "xl/worksheets/sheet1.xml"
    kept = sum(
        len(cells)
        for _number, cells in rows_of(archive, part, SharedStrings.of(archive, "", Limits()), Limits())
    )
    assert kept <= min(WIDE[name].count("<v>"), WIDE[name].count("<row>") * 257) + 2
    tracemalloc.start()
    with pytest.raises(FileRefusedError):
        read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * 1024**2


def test_whoever_waits_does_not_wait_for_endless_empty_cells() -> None:
    translation.activate("en")
    content = by_hand(
        HEAD_XML + f"<row>{'<c/>' * 16_000}</row>" * 80 + DATA_XML.replace("2", "99"), extra=FILLER
    )
    with pytest.raises(FileRefusedError, match="more than 1000000 cells"):
        check_start(io.BytesIO(content), Limits())
    for sheets in (1, 3):  # each sheet is looked at: what they cost counts together
        with pytest.raises(FileRefusedError, match="more than 900 cells"):
            check_start(io.BytesIO(many_sheets(sheets, 1_200 // sheets)), Limits(cells=900))


def many_sheets(count: int, cells: int) -> bytes:
    """Make sheets without a table, of so many cells each."""
    return workbook({f"S{n}": [["x"] * (cells // 4)] * 4 for n in range(count)})


def test_texts_are_read_as_far_as_they_are_needed() -> None:
    content = by_hand("", strings=f"<sst>{'<si><t>start</t></si>' * 50_000}</sst>", extra=FILLER)
    archive = Archive(io.BytesIO(content), Limits())
    strings = SharedStrings.of(archive, "xl/sharedStrings.xml", Limits())
    assert strings[5] == "start"
    assert len(strings) < 5_000
    assert strings[49_999] == "start"
    with pytest.raises(IndexError):
        strings[50_000]


def test_the_good_workbook_of_these_tests_is_good() -> None:
    assert read(GOOD)[0].offered.tolist() == [7]


def test_what_a_file_is_decides_not_its_name() -> None:
    assert open_table(io.BytesIO(GOOD), Limits()).kind == "xlsx"
    assert open_table(io.BytesIO(b"start;calls\n"), Limits()).kind == "csv"
    assert open_table(io.BytesIO(b' \n[{"start": 1}]'), Limits()).kind == "json"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(rows=9, heading_within=1), "more than 9 rows"),
        (Limits(text_bytes=500), "unpacks to more than"),
        (Limits(members=3), "more than 3 files"),
        (Limits(xml_depth=3), "not like that of any"),
    ],
)
def test_limits_hold_for_workbooks(limits: Limits, reason: str) -> None:
    translation.activate("en")
    rows = [HEADING, *((f"01.01.2024 {hour:02d}:00", 5, 1) for hour in range(24))]
    with pytest.raises(FileRefusedError, match=reason):
        read(workbook({"S": rows}), limits=limits)
