from __future__ import annotations

import datetime as dt
import io
import tracemalloc

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.archive import Archive
from apps.demand.services.reading.limits import DEFAULT_LIMITS
from apps.demand.services.reading.sheet import rows_of
from apps.demand.services.reading.workbook import SharedStrings, read_workbook
from apps.demand.types import UNKNOWN
from tests.demand.files import read, reasons
from tests.demand.workbooks import HEAD_XML, HEADING, by_hand, workbook


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2025, 3, 3, hour, minute)  # noqa: DTZ001 - the wall clock of a sheet


ROWS = [(at(7), 120, 180), (at(7, 15), 0, 0), (at(7, 30), 98, 184.5)]
STARTS = ["2025-03-03T04:00:00", "2025-03-03T04:15:00", "2025-03-03T04:30:00"]
NOTHING = (None, None, None)


@pytest.mark.parametrize(
    "rows",
    [
        [HEADING, *ROWS],
        ROWS,
        [("Отчёт за март",), (), HEADING, *ROWS],
        [("Отчёт", None, None), ("Дата", "Поступило", None), (None, "Контакты", "AHT, с"), *ROWS],
        [HEADING, ("03.03.2025 07:00", 120, "180"), ("2025.03.03 07:15", "0", 0), (at(7, 30), 98, "184,5")],
        [HEADING, ("2025-03-03T04:00Z", 120, 180), ("3.3.2025 7:15", 0, 0), (at(7, 30), 98, "184.5")],
        [HEADING, (45719.291666666664, 120, 180), (45719.302083333336, 0, 0), (45719.3125, 98, 184.5)],
        [HEADING, ROWS[0], NOTHING, (), ROWS[1], ROWS[2], NOTHING],
        [("contacts", "note", "AHT", "start"), (120, "x", 180, at(7)), (0, None, 0, at(7, 15)),
         (98, None, 184.5, at(7, 30))],
    ],
    ids=["heading", "none", "title above", "merged headings", "texts", "mixed", "plain serials", "empty rows",
         "order"],
)  # fmt: skip
def test_every_way_to_fill_a_sheet_gives_the_same_intervals(rows: list[tuple[object, ...]]) -> None:
    for date_1904 in (False, True):
        if date_1904 and any(isinstance(row[0], float) for row in rows if row):
            continue  # a bare number means another day there
        history, table = read(workbook({"Лист1": rows}, date_1904=date_1904))
        assert history.starts.astype(str).tolist() == STARTS
        assert history.offered.tolist() == [120, 0, 98]
        assert history.handle_s.tolist() == [21600, 0, 18081]
        assert (history.step_s, table.rows_read, table.report.count) == (900, 3, 0)
        assert (table.kind, table.sheet) == ("xlsx", "Лист1")


def test_hidden_sheets_and_sheets_without_a_table_are_passed_over() -> None:
    sheets = {"Draft": [HEADING, (at(9), 1, 1)], "Notes": [("read me",)], "Data": [HEADING, *ROWS],
              "Other": [HEADING, (at(9), 2, 2)]}  # fmt: skip
    history, table = read(workbook(sheets, hidden=["Draft"]))
    assert history.offered.tolist() == [120, 0, 98]
    assert (table.sheet, table.other_sheets) == ("Data", ("Notes", "Other"))


def test_a_broken_row_is_named_by_row_and_column_of_the_sheet() -> None:
    rows = [
        ("Отчёт",), (), HEADING, ROWS[0], (), ("yesterday", 5, 180), (at(7, 15), -5, 180),
        (at(7, 30), 5.5, 180), (at(7, 45), None, 180), (at(8), "#N/A", 180), (20250303, 5, 1), ROWS[0],
    ]  # fmt: skip
    history, table = read(workbook({"S": rows}))
    assert history.offered.tolist() == [120]
    told = [(line, column, reason.split(" like")[0]) for line, column, reason, _value in reasons(table)]
    assert told == [
        (6, "A: Дата", "Not a date and time"),
        (7, "B: Контакты", "Less than zero."),
        (8, "B: Контакты", "Not a whole number."),
        (9, "B: Контакты", "The number of contacts is missing."),
        (10, "B: Контакты", "Not a number."),
        (11, "A: Дата", "Not a date and time"),
        (12, "A: Дата", "Repeats line 4."),
    ]


def cell(place: str, value: str, kind: str = "") -> str:
    return f'<c r="{place}"{kind}>{value}</c>'


def test_formulas_are_read_by_the_value_kept_with_them() -> None:
    formula = by_hand(
        HEAD_XML
        + f'<row r="2">{cell("A2", "<v>45719.291666666664</v>")}{cell("B2", "<f>1+1</f><v>2</v>")}</row>'
        + f'<row r="3">{cell("A3", "<v>45719.302083333336</v>")}{cell("B3", "<f>SUM(B1:B2)</f>")}</row>'
    )
    history, table = read(formula)
    assert history.offered.tolist() == [2]
    ((line, _column, reason, value),) = reasons(table)
    assert (line, value) == (3, "=SUM(B1:B2)")
    assert "A formula without its value" in reason


def test_rich_text_escapes_and_foreign_prefixes_are_understood() -> None:
    strings = (
        '<x:sst xmlns:x="m"><x:si><x:r><x:t>sta</x:t></x:r><x:r><x:t>rt</x:t></x:r></x:si>'
        "<x:si><x:t>calls</x:t><x:rPh><x:t>not read</x:t></x:rPh></x:si>"
        "<x:si><x:t>a_x000D_b</x:t></x:si></x:sst>"
    )
    heads = "".join(cell(f"{letter}1", f"<v>{index}</v>", ' t="s"') for index, letter in enumerate("ABC"))
    rows = f'<row r="1">{heads}</row><row><c><v>45719.3125</v></c><c><v>1.2E1</v></c></row>'
    history, table = read(by_hand(rows, strings=strings))
    assert history.offered.tolist() == [12]
    assert table.layout.unknown == ("a b",)


def test_cells_beside_the_table_are_reported_not_taken() -> None:
    history, table = read(workbook({"S": [HEADING, (at(7), 1, 1), (at(7, 15), 2, 1, None, "a note")]}))
    assert history.offered.tolist() == [1, 2]
    assert table.layout.unknown == ("E",)


def test_cells_in_the_last_columns_are_told_by_one_name_and_cost_no_columns() -> None:
    far = "".join(cell(f"{letters}{{0}}", "<v>1</v>") for letters in ("IW", "XFC", "XFD"))
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", f"<v>{45719 + n / 96}</v>")}{cell(f"B{n}", "<v>7</v>")}'
        f"{cell(f'D{n}', '<v>7</v>')}{far.format(n)}</row>"
        for n in range(2, 5_002)
    )
    heading = HEAD_XML.replace("</row>", cell("XFD1", "<v>1</v>") + "</row>")
    tracemalloc.start()
    history, table = read(by_hand(heading + rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert history.offered.size == 5_000
    assert table.layout.unknown == ("XFD", "D")
    assert peak < 24 * 1024**2


def test_a_heading_may_name_the_zone_of_its_times() -> None:
    heading = ("Interval start, Asia/Vladivostok", "calls")
    history, table = read(workbook({"S": [heading, (at(14), 1), (at(14, 15), 2)]}), zone="Europe/Moscow")
    assert history.starts.astype(str).tolist() == STARTS[:2]
    assert table.layout.zone == "Asia/Vladivostok"


def test_a_column_of_lengths_comes_before_what_the_gaps_say() -> None:
    rows = [("start", "calls", "interval_min"), (at(7), 1, 15), (at(8), 2, 15), (at(9), 3, 15)]
    assert read(workbook({"S": rows}))[0].step_s == 900
    with pytest.raises(FileRefusedError, match="intervals of 15, 30 minutes"):
        read(workbook({"S": [*rows, (at(10), 3, 30)]}))


@pytest.mark.parametrize(
    ("sheets", "reason"),
    [
        ({"S": []}, "No sheet begins with a table of intervals"),
        ({"S": [("name", "salary"), ("A", 1)]}, "Sheets: S."),
        ({"S": [("start", "aht"), (at(7), 1)]}, "The heading in row 1 has no column for: offered"),
        ({"S": [("start", "calls", "contacts"), (at(7), 1, 1)]}, "mean the same"),
        ({"S": [HEADING]}, "no rows of data"),
        ({"S": [HEADING, *[("x", 1, 1)] * 9]}, "None of the first 9 rows"),
        ({"S": [("start", "calls", *[f"c{n}" for n in range(300)]), (at(7), 1)]}, "more than 256 columns"),
    ],
)
def test_a_workbook_without_a_table_is_refused_with_the_reason(
    sheets: dict[str, list[tuple[object, ...]]], reason: str
) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read(workbook(sheets))
    assert reason in refused.value.message


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=20),
    st.floats(-1e9, 1e9),
    st.integers(-(10**9), 10**9),
    st.booleans(),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=8))
def test_any_cells_are_read_as_they_were_written(rows: list[list[object]]) -> None:
    archive = Archive(io.BytesIO(workbook({"S": rows})), DEFAULT_LIMITS)
    book = read_workbook(archive, DEFAULT_LIMITS)
    strings = SharedStrings.of(archive, book.strings_part, DEFAULT_LIMITS)
    found = dict(rows_of(archive, book.sheets[0].part, strings, DEFAULT_LIMITS))
    for number, cells in enumerate(rows, start=1):
        for index, want in enumerate(cells):
            got = found.get(number, {}).get(index)
            if isinstance(want, bool):
                want = str(want).upper()  # noqa: PLW2901 - as a sheet shows it
            assert got == (pytest.approx(want) if isinstance(want, int | float) else want)


@settings(max_examples=50, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 30_000), min_size=2, max_size=20, unique=True).map(sorted),
    date_1904=st.booleans(),
)
def test_any_moment_survives_its_serial(minutes: list[int], date_1904: bool) -> None:
    first = dt.datetime(2025, 1, 1)  # noqa: DTZ001 - the wall clock of a sheet
    rows = [(first + dt.timedelta(minutes=5 * minute), 1, 5) for minute in minutes]
    content = workbook({"S": [("start", "calls", "step_min"), *rows]}, date_1904=date_1904)
    history, table = read(content, zone="UTC")
    assert not reasons(table)
    assert [str(start) for start in history.starts] == [moment.isoformat() for moment, *_rest in rows]
    assert (history.handled == UNKNOWN).all()
