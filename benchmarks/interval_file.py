"""Read an `interval_start,calls` file; say exactly what is wrong with one that cannot be read."""

from __future__ import annotations

import csv
import gzip
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TextIO

import numpy as np

from apps.algorithms.forecasting import Series, SeriesError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START, _CALLS = "interval_start", "calls"
_MOST_ROWS = 5_000_000
_LONGEST = timedelta(days=20 * 365)
_GZIP_MAGIC = b"\x1f\x8b"


class IntervalFileError(Exception):
    """A file that is not a history: file, line, column and reason in one line."""

    def __init__(
        self, path: Path, reason: str, *, line: int | None = None, column: str | None = None
    ) -> None:
        place = "".join([f", line {line}" if line else "", f", column {column}" if column else ""])
        super().__init__(f"{path}{place}: {reason}")


def read_series(path: Path, *, step_s: int | None) -> Series:
    """Read a history of one queue; a plain or gzip CSV with `interval_start` (local) and `calls` columns.

    An empty `calls` cell is an interval without a record.

    Raises
    ------
    IntervalFileError
        If the file cannot be read, or a row is broken.

    """
    lines: list[int] = []
    starts: list[datetime] = []
    calls: list[float] = []
    try:
        with _open(path) as file:
            for line, start, number in _rows(path, file):
                if number is not None:
                    lines.append(line)
                    starts.append(start)
                    calls.append(number)
    except (OSError, EOFError, zlib.error) as failure:
        raise IntervalFileError(
            path, f"cannot be read: {getattr(failure, 'strerror', None) or failure}"
        ) from failure
    except UnicodeDecodeError as failure:
        raise IntervalFileError(path, "is not UTF-8 text") from failure
    except csv.Error as failure:
        raise IntervalFileError(path, f"is not CSV: {failure}") from failure
    _refuse_long_span(path, lines, starts)
    try:
        return Series.from_rows(np.array(starts, dtype="datetime64[s]"), np.array(calls), step_s=step_s)
    except SeriesError as failure:
        line_number = lines[failure.row] if lines else None
        raise IntervalFileError(path, failure.reason, line=line_number) from failure


def _refuse_long_span(path: Path, lines: list[int], starts: list[datetime]) -> None:
    """Refuse a mistyped year, which would make a grid of centuries, by the row that lies farthest out."""
    if not starts or max(starts) - min(starts) <= _LONGEST:
        return
    middle = sorted(starts)[len(starts) // 2]
    far = max(range(len(starts)), key=lambda row: abs(starts[row] - middle))
    reason = f"{starts[far]} lies more than {_LONGEST.days // 365} years from the other rows"
    raise IntervalFileError(path, reason, line=lines[far], column=_START)


def _open(path: Path) -> TextIO:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP_MAGIC
    return (
        gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        if zipped
        else path.open(encoding="utf-8-sig", newline="")
    )


def _rows(path: Path, file: TextIO) -> Iterator[tuple[int, datetime, float | None]]:
    reader = csv.reader(file)
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in (_START, _CALLS) if name not in header]
    if missing:
        found = ", ".join(header)[:80] or "nothing"
        raise IntervalFileError(
            path, f"there is no such column in the header (found: {found})", line=1, column=missing[0]
        )
    at_start, at_calls = header.index(_START), header.index(_CALLS)
    for row in reader:
        if not row:
            continue
        if len(row) <= max(at_start, at_calls):
            raise IntervalFileError(
                path, f"has {len(row)} fields instead of {len(header)}", line=reader.line_num
            )
        if reader.line_num > _MOST_ROWS:
            raise IntervalFileError(path, f"has more than {_MOST_ROWS} rows")
        yield (
            reader.line_num,
            _moment(path, reader.line_num, row[at_start].strip()),
            _number(path, reader.line_num, row[at_calls].strip()),
        )


def _moment(path: Path, line: int, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as failure:
        raise IntervalFileError(
            path, f"{text[:40]!r} is not a date and time", line=line, column=_START
        ) from failure
    if moment.tzinfo is not None:
        reason = f"{text[:40]!r} has an offset; local time without one is expected"
        raise IntervalFileError(path, reason, line=line, column=_START)
    return moment


def _number(path: Path, line: int, text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError as failure:
        raise IntervalFileError(path, f"{text[:40]!r} is not a number", line=line, column=_CALLS) from failure
    if not np.isfinite(number) or number < 0:
        raise IntervalFileError(path, f"{text[:40]!r} is not a number of calls", line=line, column=_CALLS)
    return number
