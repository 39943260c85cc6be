from __future__ import annotations

import io
from dataclasses import replace

import pytest

from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.limits import DEFAULT_LIMITS
from apps.demand.services.reading.table import check_start, read_table

LIMITS = replace(DEFAULT_LIMITS, rows=3, block_bytes=64)
HEADING, ROW = b"interval_start,calls\n", b"2025-03-03 00:%02d,5\n"


def file_of(rows: int) -> io.BytesIO:
    return io.BytesIO(HEADING + b"".join(ROW % minute for minute in range(0, 5 * rows, 5)))


def test_a_file_of_as_many_rows_as_may_be_is_read() -> None:
    check_start(file_of(3), LIMITS)
    assert read_table(file_of(3), LIMITS).rows_read == 3


@pytest.mark.parametrize("read", [check_start, read_table])
def test_a_file_of_more_rows_is_refused_before_one_is_read(
    read: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.demand.services.reading.table._Reader", None)
    with pytest.raises(FileRefusedError):
        read(file_of(4), LIMITS)  # type: ignore[operator]
