"""Clean rows of a block read at once with array arithmetic; every other row is left to `slow`.

A row is clean when it has the file's number of cells, no quotes, spaces or signs, a time in the file's usual
form and plain numbers within bounds. Nothing is refused here: a row that is not clean is only handed on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from apps.demand.services.reading.columns import NO_OFFSET, NUMBERS, SECONDS, Columns, largest
from apps.demand.services.reading.layout import OFFERED, START

if TYPE_CHECKING:
    from apps.demand.services.reading.layout import Layout
    from apps.demand.services.reading.limits import Limits
    from apps.demand.types import BoolArray, FloatArray, IntArray

Bytes = npt.NDArray[np.uint8]
_LF, _CR, _QUOTE = b'\n\r"'
_MINUTE_CHARS, _SECOND_CHARS = 16, 19  # YYYY.MM.DD hh:mm and with :ss
_NUMBER_CHARS = 12
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Block:
    """The clean rows of a block, and the bounds of the lines (first byte, past last byte) that are not."""

    clean: Columns
    other_lines: IntArray
    other_bounds: IntArray


def read_block(text: bytes, first_line: int, layout: Layout, limits: Limits) -> Block:
    """Read whole lines; `first_line` is the number of the first one in the file."""
    chars = np.frombuffer(text, dtype=np.uint8)
    begin, end = _lines(chars)
    begin, end, number = _not_blank(begin, end, first_line)
    rows, cell_begin, cell_end = _cells(chars, begin, end, layout)
    local_s, right = _moments(
        chars, cell_begin[:, layout.positions[START]], cell_end[:, layout.positions[START]]
    )
    right &= (local_s // _DAY_S) >= _first_day(limits.first_year)
    numbers: dict[str, FloatArray] = {}
    for name in NUMBERS:
        if name not in layout.positions:
            continue
        place = layout.positions[name]
        values, plain = _amounts(chars, cell_begin[:, place], cell_end[:, place])
        numbers[name] = values
        right &= plain & _in_bounds(name, values, limits)
    clean = Columns(
        number[rows],
        local_s,
        np.full(rows.size, NO_OFFSET),
        numbers,
    ).take(np.flatnonzero(right))
    is_other = np.ones(number.size, dtype=np.bool_)
    is_other[rows[right]] = False
    other = np.flatnonzero(is_other)
    return Block(clean, number[other], np.stack([begin[other], end[other]], axis=1))


def _lines(chars: Bytes) -> tuple[IntArray, IntArray]:
    end = np.flatnonzero(chars == _LF)
    begin = np.concatenate([[0], end[:-1] + 1]).astype(np.int64)
    return begin, end - ((end > begin) & (chars[end - 1] == _CR))


def _not_blank(begin: IntArray, end: IntArray, first_line: int) -> tuple[IntArray, IntArray, IntArray]:
    number = np.arange(first_line, first_line + begin.size)
    filled = end > begin
    return begin[filled], end[filled], number[filled]


def _cells(
    chars: Bytes, begin: IntArray, end: IntArray, layout: Layout
) -> tuple[IntArray, IntArray, IntArray]:
    """Bounds of the cells, shape (rows, width), of the lines that have the file's width and no quotes."""
    marks = np.flatnonzero(chars == ord(layout.separator))
    first = np.searchsorted(marks, begin)
    regular = np.searchsorted(marks, end) - first == layout.width - 1
    quotes = np.flatnonzero(chars == _QUOTE)
    regular &= np.searchsorted(quotes, begin) == np.searchsorted(quotes, end)
    rows = np.flatnonzero(regular)
    inner = marks[first[rows, None] + np.arange(layout.width - 1)]
    cell_begin = np.concatenate([begin[rows, None], inner + 1], axis=1)
    cell_end = np.concatenate([inner, end[rows, None]], axis=1)
    return rows, cell_begin, cell_end


def _moments(chars: Bytes, begin: IntArray, end: IntArray) -> tuple[IntArray, BoolArray]:
    """Wall-clock seconds of `DD.MM.YYYY hh:mm[:ss]` and `YYYY.MM.DD hh:mm[:ss]` (also with - and T)."""
    length = end - begin
    right = (length == _MINUTE_CHARS) | (length == _SECOND_CHARS)
    at = np.minimum(begin[:, None] + np.arange(_SECOND_CHARS), chars.size - 1)
    cell = chars[at]
    digit = (cell - ord("0")).astype(np.int64)  # what is no digit wraps round to above 9
    day_first = (cell[:, 2] == ord(".")) & (cell[:, 5] == ord("."))
    dot, dash = (
        (cell[:, 4] == ord(".")) & (cell[:, 7] == ord(".")),
        (cell[:, 4] == ord("-")) & (cell[:, 7] == ord("-")),
    )
    right &= day_first | dot | dash
    right &= ((cell[:, 10] == ord(" ")) | ((cell[:, 10] == ord("T")) & ~day_first)) & (
        cell[:, 13] == ord(":")
    )
    year = np.where(day_first, _number(digit, 6, 4), _number(digit, 0, 4))
    month = np.where(day_first, _number(digit, 3, 2), _number(digit, 5, 2))
    day = np.where(day_first, _number(digit, 0, 2), _number(digit, 8, 2))
    hour, minute = _number(digit, 11, 2), _number(digit, 14, 2)
    date_digits = np.where(
        day_first,
        digit[:, [0, 1, 3, 4, 6, 7, 8, 9]].max(axis=1),
        digit[:, [0, 1, 2, 3, 5, 6, 8, 9]].max(axis=1),
    )
    right &= (date_digits <= 9) & (digit[:, [11, 12, 14, 15]].max(axis=1) <= 9)  # noqa: PLR2004 - the places and limits of an ISO instant
    with_seconds = length == _SECOND_CHARS
    second = np.where(with_seconds, _number(digit, 17, 2), 0)
    right &= ~with_seconds | ((cell[:, 16] == ord(":")) & (digit[:, 17:19].max(axis=1) <= 9))  # noqa: PLR2004 - the places and limits of an ISO instant
    right &= (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004 - the places and limits of an ISO instant
    days, on_calendar = _days(np.where(right, year, 1970), np.where(right, month, 1), np.where(right, day, 1))
    return days * _DAY_S + hour * 3600 + minute * 60 + second, right & on_calendar


def _number(digit: IntArray, begin: int, count: int) -> IntArray:
    value = digit[:, begin]
    for column in range(begin + 1, begin + count):
        value = value * 10 + digit[:, column]
    return value


def _days(year: IntArray, month: IntArray, day: IntArray) -> tuple[IntArray, BoolArray]:
    """Days since 1970-01-01, and whether the calendar has that day."""
    months = (year - 1970) * 12 + month - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - first
    return first + day - 1, (month >= 1) & (month <= 12) & (day >= 1) & (day <= length)  # noqa: PLR2004 - the places and limits of an ISO instant


def _first_day(year: int) -> int:
    return int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))


def _amounts(chars: Bytes, begin: IntArray, end: IntArray) -> tuple[FloatArray, BoolArray]:
    """Digits with at most one decimal mark (comma or point); an empty cell is NaN."""
    length = end - begin
    right = length <= _NUMBER_CHARS
    mantissa = np.zeros(begin.size, dtype=np.int64)
    decimals = np.zeros(begin.size, dtype=np.int64)
    pointed = np.zeros(begin.size, dtype=np.bool_)
    for offset in range(int(length[right].max(initial=0))):
        inside = offset < length
        char = chars[np.minimum(begin + offset, chars.size - 1)]
        is_digit = inside & (char >= ord("0")) & (char <= ord("9"))
        mark = inside & ((char == ord(",")) | (char == ord(".")))
        right &= ~inside | is_digit | (mark & ~pointed)
        mantissa = np.where(is_digit, mantissa * 10 + (char - ord("0")), mantissa)
        decimals += is_digit & pointed
        pointed |= mark
    right &= ~pointed | ((decimals > 0) & (length > decimals + 1))
    return np.where(length == 0, np.nan, mantissa / 10.0**decimals), right


def _in_bounds(name: str, values: FloatArray, limits: Limits) -> BoolArray:
    inside = values <= largest(name, limits)
    if name not in SECONDS:
        inside &= values == np.floor(values)
    return inside if name == OFFERED else inside | np.isnan(values)
