from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.demand.services.reading.limits import Limits
from apps.demand.types import UNKNOWN
from tests.demand.files import packed, read, reasons

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


EXPECTED = (
    ["2025-03-03T04:00:00", "2025-03-03T04:15:00", "2025-03-03T04:30:00"],
    [120, 0, 98],
    [21600, 0, 18081],
)


@pytest.mark.parametrize(
    "content",
    [
        "03.03.2025 07:00;120;180\n03.03.2025 07:15;0;0\n03.03.2025 07:30;98;184,5\n",
        "2025.03.03 07:00\t120\t180\r\n2025.03.03 07:15\t0\t0\r\n2025.03.03 07:30\t98\t184.5",
        "2025-03-03T07:00:00,120,180\n2025-03-03 07:15,0,0\n2025-03-03 07:30:00,98,184.5\n",
        (
            "interval_start,calls,aht\n2025-03-03 07:00,120,180\n2025-03-03 07:15,0,0\n"
            '2025-03-03 07:30,98,"184,5"\n'
        ),
        (
            "Дата и время;Контакты;AHT, с\n03.03.2025 7:00;120;180\n3.3.2025 07:15; 0 ;0\n\n"
            "03.03.2025 07:30;98;184,5\n"
        ),
        (
            "calls;AHT (s);start;note\n98;184.5;2025-03-03 07:30;x\n120;180;2025-03-03 07:00;\n"
            "0;0;2025-03-03 07:15;\n"
        ),
        (
            "start;calls;aht\n2025-03-03T04:00Z;120;180\n2025-03-03T09:15+05:00;0;0\n"
            "2025-03-03T07:30+0300;98;184,5\n"
        ),
        (
            '"start";"calls";"handle_s"\n"2025-03-03 07:00";"120";"21600"\n"2025-03-03 07:15";0;0\n'
            '"2025-03-03 07:30";98;18081\n'
        ),
    ],
)
def test_every_spelling_of_a_table_gives_the_same_intervals(content: str) -> None:
    rows, table = read(content)
    starts, offered, handle_s = EXPECTED
    assert rows.starts.astype(str).tolist() == starts
    assert rows.offered.tolist() == offered
    assert rows.handle_s.tolist() == handle_s
    assert (rows.step_s, table.rows_read, table.report.count) == (900, 3, 0)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("cp1251"),
        lambda text: text.encode("utf-16"),
        packed,
    ],
    ids=["utf-8 with mark", "cp1251", "utf-16", "gzip"],
)
def test_encodings_are_recognised(encode: Callable[[str], bytes]) -> None:
    rows, table = read(encode("Дата;Контакты\n03.03.2025 07:00;5\n03.03.2025 07:15;6\n"))
    assert rows.offered.tolist() == [5, 6]
    assert table.layout.labels == {"start": "Дата", "offered": "Контакты"}


def test_optional_columns_are_read_and_unknown_ones_reported() -> None:
    rows, table = read(
        "start;offered;handled;abandoned;aht;acw;within_sl;mood\n"
        "2025-03-03 07:00;10;8;2;100;16;7;good\n2025-03-03 07:05;10;;;;;;\n"
    )
    assert rows.handled.tolist() == [8, UNKNOWN]
    assert rows.abandoned.tolist() == [2, UNKNOWN]
    assert rows.handle_s.tolist() == [800, UNKNOWN], "AHT is of the handled contacts"
    assert rows.wrap_s.tolist() == [16, UNKNOWN]
    assert rows.answered_in_target.tolist() == [7, UNKNOWN]
    assert table.layout.unknown == ("mood",)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("32.01.2025 07:00;5;180", "Дата", "There is no such date or time."),
        ("29.02.2025 07:00;5;180", "Дата", "There is no such date or time."),
        ("03.03.2025 24:00;5;180", "Дата", "There is no such date or time."),
        ("yesterday;5;180", "Дата", "Not a date and time like"),
        ("03.03.1899 07:00;5;180", "Дата", "Earlier than 1990."),
        ("03.03.2025 08:07;5;180", "Дата", "Not on the 15-minute grid"),
        ("03.03.2027 08:00;5;180", "Дата", "In the future"),
        ("03.03.2025 08:00;-5;180", "Контакты", "Less than zero."),
        ("03.03.2025 08:00;NaN;180", "Контакты", "Not a number."),
        ("03.03.2025 08:00;1e3;180", "Контакты", "Not a number."),
        ("03.03.2025 08:00;5,5;180", "Контакты", "Not a whole number."),
        ("03.03.2025 08:00;;180", "Контакты", "The number of contacts is missing."),
        ("03.03.2025 08:00;1000001;180", "Контакты", "Larger than 1000000"),
        (f"03.03.2025 08:00;{'9' * 400};180", "Контакты", "Larger than 1000000"),
        ("03.03.2025 08:00;5;-1", "AHT", "Less than zero."),
        ("03.03.2025 08:00;5;inf", "AHT", "Not a number."),
        ("03.03.2025 08:00;5", "", "The row has 2 cells instead of 3."),
        ("03.03.2025 08:00;5;180;7", "", "The row has 4 cells instead of 3."),
        ("03.03.2025 07:15;5;180", "Дата", "Repeats line 3."),
    ],
)
def test_a_broken_row_is_named_with_line_column_reason_and_value(row: str, column: str, reason: str) -> None:
    head = "Дата;Контакты;AHT\n03.03.2025 07:00;120;180\n03.03.2025 07:15;99;180\n"
    rows, table = read(f"{head}{row}\n03.03.2025 07:30;98;180\n")
    assert rows.offered.tolist() == [120, 99, 98], "the good rows load"
    ((line, found, why, value),) = reasons(table)
    assert (line, found) == (4, column)
    assert why.startswith(reason)
    assert value or ";;" in row


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5 * 96 - 1),
            st.integers(0, 2000),
            st.one_of(st.none(), st.decimals(0, 9999, places=1, allow_nan=False)),
        ),
        min_size=2,
        max_size=40,
        unique_by=lambda row: row[0],
    ),
    st.sampled_from(["%d.%m.%Y %H:%M", "%Y.%m.%d %H:%M:%S", "%Y-%m-%dT%H:%M"]),
)
def test_the_fast_and_the_careful_reading_agree(rows: list[tuple], form: str) -> None:  # type: ignore[type-arg]
    lines = []
    for slot, calls, aht in [(0, 1, None), (1, 1, None), *((slot + 2, *rest) for slot, *rest in rows)]:
        moment = (np.datetime64("2025-03-01T00:00") + slot * np.timedelta64(15, "m")).item()
        lines.append([moment.strftime(form), str(calls), "" if aht is None else str(aht).replace(".", ",")])
    plain, fast = read("\n".join(";".join(line) for line in lines))
    quoted, slow = read("\n".join(";".join(f'"{cell}"' for cell in line) for line in lines))
    for name in ("starts", "offered", "handle_s"):
        assert np.array_equal(getattr(plain, name), getattr(quoted, name))
    assert fast.report.count == slow.report.count == 0


def test_blocks_are_cut_at_lines_wherever_they_end() -> None:
    lines = [f"{day:02d}.03.2025 {hour:02d}:00;{day * hour}" for day in range(1, 29) for hour in range(24)]
    lines[100] = "broken"
    whole, _table = read("\n".join(lines))
    for size in (37, 64, 1000):
        rows, table = read("\n".join(lines), limits=Limits(block_bytes=size))
        assert np.array_equal(rows.offered, whole.offered)
        assert [error.line for error in table.report.kept] == [101]


def test_errors_are_counted_exactly_and_kept_up_to_the_cap() -> None:
    good = "\n".join(f"03.03.2025 {hour:02d}:00;1" for hour in range(24))
    rows, table = read(good + "\nbad;1" * 500, limits=Limits(errors_kept=10))
    assert len(rows) == 24
    assert (table.report.count, len(table.report.kept), table.rows_read) == (500, 10, 524)


def test_a_single_row_takes_the_step_of_the_queue() -> None:
    rows, _table = read("03.03.2025 07:15;5")
    assert rows.step_s == 900
