from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from operator import itemgetter
from typing import Any

import pytest
import python_calamine
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.exporting import Column, Kind, Table, TooManyRowsError, to_csv, to_xlsx
from apps.core.exporting.workbook import sheet_name

DANGEROUS = [
    "=1+1",
    "==1+1",
    "+7 900",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "{=1+1}",
    "=cmd|' /C calc'!A0",
]
LEADING = ["000123", "0", "1e5", "http://example.org", "TRUE", "_x0041_", "' quoted", "  spaced "]


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def table_of(*columns: Column, rows: Any, **facts: Any) -> Table:
    return Table("Table", columns, rows, **facts)


def one(kind: Kind, *values: Any, **facts: Any) -> Table:
    return table_of(Column("x", lambda value: value, kind), rows=values, **facts)


def cells(table: Table) -> list[list[Any]]:
    """Read the workbook of a table back by another program's reader."""
    return python_calamine.load_workbook(io.BytesIO(to_xlsx(table))).get_sheet_by_index(0).to_python()


def lines(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(table).decode("utf-8-sig"), newline=""), delimiter=";"))


def member(table: Table, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(table))) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("text", [*DANGEROUS, *LEADING])
def test_a_text_stays_the_text_it_was(text: str) -> None:
    table = one(Kind.TEXT, text)
    assert cells(table) == [["x"], [text]]
    assert "<f>" not in member(table, "xl/worksheets/sheet1.xml")
    assert "<hyperlink" not in member(table, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", DANGEROUS[:8])
def test_a_text_that_looks_like_a_formula_stays_text_when_it_is_edited(text: str) -> None:
    assert 'quotePrefix="1"' in member(one(Kind.TEXT, text), "xl/styles.xml")


@pytest.mark.parametrize("text", [text for text in DANGEROUS if not text.startswith("{")])
def test_csv_shields_what_a_spreadsheet_would_run(text: str) -> None:
    assert lines(one(Kind.TEXT, text)) == [["x"], ["'" + text]]


@pytest.mark.parametrize("text", LEADING)
def test_csv_leaves_other_texts_alone(text: str) -> None:
    assert lines(one(Kind.TEXT, text)) == [["x"], [text]]


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40)


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXTS, max_size=10))
def test_any_text_comes_back_from_a_workbook_and_never_runs_from_csv(texts: list[str]) -> None:
    assert [row[0] for row in cells(one(Kind.TEXT, *texts, "end"))[1:-1]] == texts
    for (line,), text in zip(lines(one(Kind.TEXT, *[text or "-" for text in texts]))[1:], texts, strict=True):
        assert not line.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert line.removeprefix("'") == (text or "-").removeprefix("'") or line == text


def test_cells_are_typed() -> None:
    moment = dt.datetime(2026, 11, 2, 6, 15, tzinfo=dt.UTC)
    kinds = [Kind.INTEGER, Kind.NUMBER, Kind.SHARE, Kind.HOURS, Kind.SECONDS, Kind.DATE, Kind.MOMENT,
             Kind.FLAG, Kind.MIXED, Kind.MIXED]  # fmt: skip
    values = (7, 1.5, 0.25, 27_000, 90.0, dt.date(2026, 11, 2), moment, True, 3, "text")
    columns = [Column(str(kind), itemgetter(place), kind) for place, kind in enumerate(kinds)]
    heading, row = cells(table_of(*columns, rows=[values], zone="Asia/Vladivostok"))
    assert heading[6] == "moment, Asia/Vladivostok"
    assert row == [
        7,
        1.5,
        0.25,
        7.5,
        90,
        dt.date(2026, 11, 2),
        dt.datetime(2026, 11, 2, 16, 15),  # noqa: DTZ001 - a sheet knows no zone
        "yes",
        3,
        "text",
    ]
    _, told = lines(table_of(*columns, rows=[values], zone="Asia/Vladivostok"))
    assert told == ["7", "1.50", "0.25", "7.5", "90", "2026-11-02", "2026-11-02 16:15:00", "yes", "3", "text"]


def test_what_is_not_known_is_an_empty_cell() -> None:
    kinds = [Kind.NUMBER, Kind.TEXT, Kind.MOMENT, Kind.INTEGER]
    columns = [Column(str(kind), itemgetter(place), kind) for place, kind in enumerate(kinds)]
    rows = [(float("nan"), None, None, None), (float("inf"), "", None, 1)]
    assert cells(table_of(*columns, rows=rows))[1:] == [["", "", "", ""], ["", "", "", 1]]
    assert lines(table_of(*columns, rows=rows))[1:] == [["", "", "", ""], ["", "", "", "1"]]


def test_a_number_too_large_to_be_exact_is_kept_as_text() -> None:
    assert cells(one(Kind.INTEGER, 2**53 - 1, 12345678901234567890))[1:] == [
        [2**53 - 1],
        ["12345678901234567890"],
    ]


def test_an_hour_that_a_clock_change_repeats_is_told_with_its_offset() -> None:
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    moments = [first + dt.timedelta(hours=hours) for hours in (-1, 0, 1)]
    found = [row[0] for row in cells(one(Kind.MOMENT, *moments, zone="Europe/Berlin"))[1:]]
    assert found == [
        dt.datetime(2026, 10, 25, 1, 30),  # noqa: DTZ001 - a sheet knows no zone
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
    ]


def test_decimals_are_written_as_the_reader_writes_them() -> None:
    with translation.override("ru"):
        assert lines(one(Kind.NUMBER, 1.5))[1] == ["1,50"]
        assert "dd.mm.yyyy" in member(one(Kind.DATE, dt.date(2026, 11, 2)), "xl/styles.xml")
    assert "yyyy-mm-dd" in member(one(Kind.DATE, dt.date(2026, 11, 2)), "xl/styles.xml")


def test_facts_stand_above_and_totals_below_the_rows() -> None:
    table = one(Kind.MIXED, 1, 2, about=[("Queue", "=1+1")], foot=[3])
    assert cells(table) == [["Queue", "=1+1"], ["", ""], ["x", ""], [1, ""], [2, ""], [3, ""]]
    assert 'ref="A3:A5"' in member(table, "xl/worksheets/sheet1.xml"), "totals are not sorted among the rows"


def test_yes_is_the_same_word_in_both_files() -> None:
    for kind in (Kind.FLAG, Kind.MIXED):
        table = [one(kind, True, False) for _file in range(2)]
        assert cells(table[0])[1:] == [["yes"], ["no"]]
        assert to_csv(table[1]).decode("utf-8-sig").split()[1:] == ["yes", "no"]


@pytest.mark.parametrize("write", [to_xlsx, to_csv])
def test_one_row_too_many_is_refused_with_a_word(write: Any) -> None:
    write(one(Kind.INTEGER, 1, 2, 3, most_rows=3))
    with pytest.raises(TooManyRowsError, match="more than 3 rows"):
        write(one(Kind.INTEGER, 1, 2, 3, 4, most_rows=3))


@pytest.mark.parametrize(
    ("name", "want"),
    [("History", "History 1"), ("a/b:c*[d]?", "a b c d"), ("'x'", "x"), ("", "1"), ("ж" * 40, "ж" * 31)],
)
def test_a_sheet_has_a_name_that_excel_takes(name: str, want: str) -> None:
    assert sheet_name(name) == want


def test_a_file_has_a_name_that_every_disk_takes() -> None:
    table = Table("T", [], [], file_name='История: a/b\\c*?"<>|\r\nx.')
    assert table.file_stem == "История  a b c x"
