from __future__ import annotations

import codecs
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.limits import Limits
from tests.demand.files import packed, read, reasons

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


RECORDS = [
    {"start": "2025-03-03T07:00", "calls": 120, "aht": 180},
    {"start": "03.03.2025 07:15", "calls": 0, "aht": 0},
    {"start": "2025-03-03T04:30Z", "calls": "98", "aht": 1.845e2},
]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=3),
        json.dumps({"source": "x", "rows": RECORDS, "total": 3}),
        json.dumps({"meta": {"a": [1, {"b": 2}]}, "data": RECORDS}),
        json.dumps([*RECORDS, {"start": None}][:3]),
    ],
)
def test_records_are_rows(content: str) -> None:
    rows, table = read(content)
    assert rows.offered.tolist() == [120, 0, 98]
    assert rows.handle_s.tolist() == [21600, 0, 18081]
    assert rows.starts.astype(str).tolist()[0] == "2025-03-03T04:00:00"
    assert (table.kind, table.rows_read, table.report.count) == ("json", 3, 0)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("cp1251"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        packed,
    ],
    ids=["utf-8 with mark", "cp1251", "utf-16", "utf-16-le", "utf-16-be", "gzip"],
)
def test_encodings_of_json_are_recognised(encode: Callable[[str], bytes]) -> None:
    rows, table = read(encode('[{"Дата": "03.03.2025 07:00", "Контакты": 5, "Смена": "ночь"}]'))
    assert rows.offered.tolist() == [5]
    assert table.layout.unknown == ("Смена",)


def test_a_broken_record_is_named_by_its_number() -> None:
    records: list[dict[str, Any]] = [
        RECORDS[0], {"start": "x", "calls": 1}, {"start": "2025-03-03T07:15", "calls": -1},
        {"start": "2025-03-03T07:30", "calls": None}, {"start": "2025-03-03T07:45", "calls": [1]},
        {"start": "2025-03-03T08:00", "calls": True}, {"start": "2025-03-03T08:15", "calls": 1.5},
        {"start": "2025-03-03T08:30\u0000\n;", "calls": 1}, {"start": "\ud800", "calls": 1}, RECORDS[0],
    ]  # fmt: skip
    rows, table = read(json.dumps(records))
    assert rows.offered.tolist() == [120]
    assert [(line, column) for line, column, *_rest in reasons(table)] == [
        (2, "start"), (3, "calls"), (4, "calls"), (5, "calls"), (6, "calls"), (7, "calls"), (8, "start"),
        (9, "start"), (10, "start"),
    ]  # fmt: skip


def centre(*groups: str) -> str:
    """Give what a contact centre answers: one interval for each group, lengths in milliseconds."""
    interval = {
        "startInterval": "2025-03-03T07:00:00+03:00", "endInterval": "2025-03-03T07:15:00+03:00",
        "notUniqueReceived": 10, "notUniqueTreated": 8, "notUniqueMissed": 2, "receivedCalls": 9,
        "treatedCalls": 7, "missCalls": 2, "aht": 150_000, "postProcessing": 30_500,
    }  # fmt: skip
    entries = [{"serviceId": "s", "groupId": group, "historicData": [interval]} for group in groups]
    return json.dumps(entries)


def test_what_a_contact_centre_answers_is_history() -> None:
    rows, table = read(centre("g1"))
    assert (rows.offered.tolist(), rows.handled.tolist(), rows.abandoned.tolist()) == ([10], [8], [2])
    assert (rows.handle_s.tolist(), rows.wrap_s.tolist(), rows.step_s) == ([1444], [244], 900)
    assert rows.starts.astype(str).tolist() == ["2025-03-03T04:00:00"]
    assert table.layout.unknown == ()


def test_of_several_groups_the_queue_s_own_is_taken() -> None:
    assert len(read(centre("g1", "g2"), group="g2")[0]) == 1
    with pytest.raises(FileRefusedError, match="several groups"):
        read(centre("g1", "g2"))
    with pytest.raises(FileRefusedError, match="not the group g3"):
        read(centre("g1", "g2"), group="g3")


ROW = '{"start": "2025-03-03T07:00", "calls": 1}'
WRONG = {
    "nothing": ("[]", "no rows of data"),
    "no records": ("[1, 2]", "a record was expected"),
    "cut": (f"[{ROW}, {ROW[:20]}", "at record 2"),
    "no end": (f"[{ROW}", "bracket"),
    "two documents": (f"[{ROW}] [{ROW}]", "text after the end"),
    "no comma": (f"[{ROW} {ROW}]", "missing"),
    "NaN": ('[{"start": "2025-03-03T07:00", "calls": NaN}]', "NaN is not JSON"),
    "Infinity": ('[{"start": "2025-03-03T07:00", "calls": -Infinity}]', "-Infinity is not JSON"),
    "a member twice": ('[{"start": "2025-03-03T07:00", "calls": 1, "calls": 2}]', "stands twice"),
    "a member twice around": (f'{{"rows": [{ROW}], "rows": [{ROW}]}}', "stands twice"),
    "depth": ('[{"start": ' + "[" * 30_000 + "]" * 30_000 + "}]", "nested too deeply"),
    "depth of records": ('{"rows": [' * 50 + "]}" * 50, "nested too deeply"),
    "an endless record": ('[{"start": "' + "7" * 30_000_000 + '"}]', "at record"),
    "an endless number": ('[{"start": ' + "7" * 30_000_000 + "}]", "at record"),
    "many members": ('{"a": 1' + "".join(f', "m{n}": [1]' for n in range(300_000)) + "}", "more members"),
    "many columns": ("[{" + ",".join(f'"m{n}":1' for n in range(300)) + "}]", "more than 256 columns"),
    "other members": ('[{"name": "A", "salary": 1}]', "no member for: start, offered. They have: 'name'"),
    "spaces": ("[" + " " * 60_000_000, "expected"),
    "control characters": ('[{"start": "\x01"}]', "at record"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_json_is_refused_soon_and_says_why(name: str) -> None:
    content, reason = WRONG[name]
    begun = time.process_time()
    with pytest.raises(FileRefusedError) as refused:
        read(content)
    assert time.process_time() - begun < 2
    assert reason in refused.value.message


def test_limits_hold_for_json() -> None:
    many = json.dumps([{"start": f"2025-03-03T{hour:02d}:00", "calls": 1} for hour in range(24)])
    with pytest.raises(FileRefusedError, match="more than 9 rows"):
        read(many, limits=Limits(rows=9))


@settings(deadline=None)
@given(
    counts=st.lists(st.integers(0, 10**6), min_size=1, max_size=60),
    cut=st.integers(1, 50),
    indent=st.sampled_from([None, 0, 4]),
)
def test_any_split_into_blocks_gives_the_same_rows(counts: list[int], cut: int, indent: int | None) -> None:
    starts = np.datetime64("2025-03-03T00:00") + 15 * np.arange(len(counts))
    records = [{"start": str(start), "calls": count} for start, count in zip(starts, counts, strict=True)]
    rows, _table = read(json.dumps({"rows": records}, indent=indent), limits=Limits(block_bytes=cut))
    assert rows.offered.tolist() == counts
