"""Wrong and hostile files: refused within two seconds, with the reason."""

from __future__ import annotations

import gzip
import time

import numpy as np
import pytest
from django.utils import translation

from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.limits import Limits
from tests.demand.files import packed, read

ROW = b"01.01.2024 00:00;5;180\n"
HOSTILE = {
    "nothing": (b"", "The file is empty."),
    "blank lines": (b"\n\r\n \n" * 10, "The file is empty."),
    "a header alone": (b"start;calls\n", "The file has no rows of data."),
    "binary": (np.random.default_rng(1).bytes(3_000_000), "binary"),
    "zero bytes in a table": (ROW + b"\x00" * 50, "binary"),
    "an Excel workbook": (b"PK\x03\x04" + bytes(100), "damaged"),
    "a PDF": (b"%PDF-1.7\n", "PDF"),
    "a line without end": (ROW + b"7" * 30_000_000, "a line longer than 64 kB"),
    "a log": (b"2024-01-01 INFO, done\n" * 500_000, "is a row of intervals. Line 1: Not a date and time"),
    "one column": (b"calls\n1\n", "one column"),
    "old line ends": (b"start;calls\r01.01.2024 00:00;5\r", "no column for: offered"),
    "other columns": (b"name;salary\nA;1\n", "neither data nor a header"),
    "no contacts": (b"start;aht\n01.01.2024 00:00;180\n", "no column for: offered"),
    "a column twice": (b"start;calls;contacts\n", "mean the same"),
    "daily rows": (b"01.01.2024 00:00;5\n02.01.2024 00:00;5\n", "86400 s apart"),
    "minutes": (b"01.01.2024 00:00;5\n01.01.2024 00:01;5\n", "60 s apart"),
    "a bomb of one line": (gzip.compress(b"7" * 100_000_000), "a line longer than 64 kB"),
    "a bomb of rows": (gzip.compress(ROW * 4_000_000), "unpacks to more than 200 times"),
    "cut gzip": (
        packed(b"\n".join(b"01.01.2024 00:%02d;%d" % (i % 60, i * 7919) for i in range(9999)))[:-99],
        "damaged",
    ),
    "gzip of nothing known": (b"\x1f\x8b" + b"not gzip at all", "damaged"),
    "half of UTF-16": (b"\xff\xfe" + b"\x00\xd8\x00\xd8" * 10, "not whole UTF-16"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_wrong_file_is_refused_soon_and_says_why(name: str) -> None:
    translation.activate("en")
    content, reason = HOSTILE[name]
    begun = time.process_time()
    with pytest.raises(FileRefusedError) as refused:
        read(content)
    assert time.process_time() - begun < 2
    assert reason in refused.value.message


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(rows=9), "more than 9 rows"), (Limits(text_bytes=100), "of text")],
)
def test_limits_hold_while_the_file_is_read(limits: Limits, reason: str) -> None:
    translation.activate("en")
    rows = b"".join(b"01.01.2024 %02d:00;5\n" % hour for hour in range(10))
    with pytest.raises(FileRefusedError, match=reason):
        read(rows, limits=limits)
