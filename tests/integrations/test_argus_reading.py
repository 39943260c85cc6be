"""Cells and rows of Argus: what is written comes back, everything else is refused with a reason."""

from __future__ import annotations

import datetime as dt
import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.demand.errors import FileRefusedError
from apps.integrations.services.argus.table import open_named
from apps.integrations.wire.argus.cells import CellError, clock_of, day_of, number_of, spans_of
from apps.integrations.wire.argus.columns import EMPLOYEE_NAMES, EMPLOYEES, OPERATOR_NAMES, SHIFT_NAMES
from apps.integrations.wire.argus.rows import RowRefusedError, employee_row, operator_row, shift_row
from tests.demand.workbooks import workbook

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.integrations.wire.argus.columns import Names

DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31))
MINUTES = st.integers(0, 1439)
TEXTS = st.text(st.characters(exclude_characters="\x00\r\n", exclude_categories=["Cs"]), max_size=30)


@given(
    DAYS,
    st.sampled_from(["%d.%m.%Y", "%Y.%m.%d", "%Y-%m-%d", "%d/%m/%Y"]),
    st.sampled_from(["", " 00:00", "T00:00:00"]),
)
def test_days_come_back(day: dt.date, form: str, tail: str) -> None:
    assert day_of(f" {day.strftime(form)}{tail} ") == day


@given(MINUTES, st.booleans(), st.booleans())
def test_times_of_day_come_back(minute: int, padded: bool, seconds: bool) -> None:
    hour = f"{minute // 60:02}" if padded else str(minute // 60)
    text = f"{hour}:{minute % 60:02}" + (":00" if seconds else "")
    assert clock_of(text).minute == minute
    assert clock_of(f"{minute / 1440:.6f}").minute == minute, "as a workbook keeps it"


@given(DAYS, MINUTES, st.sampled_from([None, 0, 3, -5, 14]))
def test_a_moment_says_its_day_and_zone(day: dt.date, minute: int, hours: int | None) -> None:
    zone = "" if hours is None else "Z" if hours == 0 else f"{hours:+03}:00"
    found = clock_of(f"{day.isoformat()}T{minute // 60:02}:{minute % 60:02}{zone}")
    assert (found.day, found.minute, found.offset_s) == (day, minute, None if hours is None else hours * 3600)


@given(st.decimals(0, 9999, places=3), st.sampled_from([".", ","]))
def test_numbers_have_a_comma_or_a_point(value: Decimal, mark: str) -> None:
    assert number_of(f" {str(value).replace('.', mark)}\u00a0", 10_000) == value


@given(st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=5), st.sampled_from(["; ", ",", "\n"]))
def test_spans_come_back_as_text_and_as_json(spans: list[tuple[int, int]], mark: str) -> None:
    def clock(minute: int) -> str:
        return f"{minute // 60}:{minute % 60:02}"

    assert spans_of(mark.join(f"{clock(a)}-{clock(b)}" for a, b in spans)) == spans
    assert spans_of(json.dumps([{"start": clock(a), "end": clock(b)} for a, b in spans])) == spans


@given(TEXTS)
def test_any_other_text_is_refused_with_a_reason(text: str) -> None:
    for read in (day_of, clock_of, spans_of, lambda cell: number_of(cell, 10)):
        with suppress(CellError):
            read(text)


@given(st.dictionaries(st.sampled_from(sorted({*EMPLOYEES, *SHIFT_NAMES.columns, "operators"})), TEXTS))
@settings(max_examples=200)
def test_any_row_is_read_or_names_its_column(cells: dict[str, str]) -> None:
    for parse in (employee_row, shift_row, operator_row):
        with suppress(RowRefusedError):
            parse(cells)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    for names in (EMPLOYEE_NAMES, SHIFT_NAMES, OPERATOR_NAMES):
        with suppress(FileRefusedError):
            list(open_named(io.BytesIO(content), names).rows())


NAMES = st.text(st.characters(codec="cp1251", exclude_categories=["Cc", "Zs", "Zl"]), min_size=1, max_size=20)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), NAMES), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1251", "utf-16"]),
)
@example([(1, "В¤")], "cp1251")  # these two bytes are also one character of UTF-8
@settings(deadline=None)
def test_cells_come_back_through_every_encoding_and_format(
    rows: list[tuple[int, str]], encoding: str
) -> None:
    heading = ("Табельный номер", "Фамилия")
    quoted = "".join('{};"{}"\r\n'.format(number, name.replace('"', '""')) for number, name in rows)
    text = f"{heading[0]};{heading[1]}\r\n{quoted}".encode(encoding)
    book = workbook({"Лист": [heading, *((str(number), name) for number, name in rows)]})
    records = [{"personnel_number": str(number), "last_name": name} for number, name in rows]
    wanted = [(str(number), name) for number, name in rows]
    for content in (text, book, json.dumps(records).encode()):
        found = [
            tuple(cells.values()) for _line, cells in open_named(io.BytesIO(content), EMPLOYEE_NAMES).rows()
        ]
        assert found == wanted


@pytest.mark.parametrize(("names", "heading"), [
    (EMPLOYEE_NAMES, "Табельный №;Фамилия;Имя;Отчество;Подразделение;Должность;Дата приёма;Дата увольнения"),
    (EMPLOYEE_NAMES, "Employee ID;Full name;Department;Hire date;Weekly hours"),
    (SHIFT_NAMES, "ФИО сотрудника;Дата смены;Начало смены;Конец смены;Обед;Перерывы"),
    (SHIFT_NAMES, "employee_number,work_date,shift_start,shift_end"),
])  # fmt: skip
def test_columns_are_known_in_both_languages(names: Names, heading: str) -> None:
    table = open_named(io.BytesIO(f"{heading}\n1;2\n".encode()), names)
    list(table.rows())
    assert not table.unknown
    assert len(table.positions) == len(heading.replace(",", ";").split(";"))


def test_a_sheet_is_chosen_by_its_heading_and_lines_are_its_own() -> None:
    book = workbook({
        "О файле": [("Выгрузка", "Argus")],
        "Смены": [
            ("Отчёт",), (), ("ФИО", "Дата", "Начало", "Окончание", "Цвет"), ("Ё Е", 46448, 0.375, 0.75, "x"),
        ],
    })  # fmt: skip
    table = open_named(io.BytesIO(book), SHIFT_NAMES)
    ((line, cells),) = table.rows()
    assert (line, cells["date"], cells["start"]) == (4, "2027-03-02 00:00:00", "0.375")
    row = shift_row(cells)
    assert (row.day, row.start, row.end) == (dt.date(2027, 3, 2), 540, 1080)
    assert table.facts()["unknown"] == ["Цвет"]
    assert table.facts()["other_sheets"] == ["О файле"]
    assert table.report.labels["date"] == "B: Дата"


@pytest.mark.parametrize("above", [
    [],
    [("Сотрудники на 01.09.2026",), ("Отдел кадров",)],
    [("Имя", "Штат")],
])  # fmt: skip
def test_a_word_that_is_also_a_column_makes_no_heading_of_a_row(above: list[tuple[str, ...]]) -> None:
    heading = ("Табельный номер", "ФИО", "Должность")
    people = [("001", "Иванов Иван", "Оператор"), ("002", "Петров Пётр", "Работник")]
    table = open_named(io.BytesIO(workbook({"Лист": [*above, heading, *people]})), EMPLOYEE_NAMES)
    assert [tuple(cells.values()) for _line, cells in table.rows()] == people
    names = ("ФИО", "Дата", "Начало", "Конец", "Вид работы")
    shifts = [names, ("Ё Е", "02.03.2027", "9:00", "18:00", "День")]
    table = open_named(io.BytesIO(workbook({"Лист": [*above, *shifts]})), SHIFT_NAMES)
    assert [cells["activity"] for _line, cells in table.rows()] == ["День"]


def test_a_heading_may_have_two_rows() -> None:
    rows = [("Табельный номер", "Имя", None), (None, "Фамилия", "Имя"), ("001", "Иванов", "Оператор")]
    table = open_named(io.BytesIO(workbook({"Лист": rows})), EMPLOYEE_NAMES)
    ((_line, cells),) = table.rows()
    assert cells == {"personnel_number": "001", "last_name": "Иванов", "first_name": "Оператор"}


def test_a_book_without_a_person_says_what_it_lacks() -> None:
    for rows in ([("Фамилия", "Имя")], [("Цвет", "Вес")]):
        with pytest.raises(FileRefusedError, match="personnel_number / external_id"):
            list(open_named(io.BytesIO(workbook({"Лист": rows})), EMPLOYEE_NAMES).rows())


@pytest.mark.parametrize(("start", "end", "breaks", "wanted"), [
    ("21:00", "06:00", "23:50-00:05;01:30-02:00", [(1430, 1445), (1530, 1560)]),
    ("09:00", "24:00", "23:00-24:00", [(1380, 1440)]),
    ("09:00", "18:00", "13:00-14:00", [(780, 840)]),
])  # fmt: skip
def test_pauses_of_a_night_are_on_its_second_day(
    start: str, end: str, breaks: str, wanted: list[tuple[int, int]]
) -> None:
    cells = {"full_name": "A B", "date": "02.03.2027", "start": start, "end": end, "breaks": breaks}
    pauses = shift_row(cells).pauses
    assert pauses is not None
    assert [(first, last) for _kind, first, last in pauses] == wanted
