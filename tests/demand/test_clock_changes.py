"""Berlin: 2025-03-30 02:00–03:00 does not exist, 2025-10-26 02:00–03:00 happens twice."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.core import zones
from tests.demand.files import read, reasons

BERLIN = "Europe/Berlin"


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def test_a_local_time_that_a_clock_change_leaves_out_is_refused() -> None:
    content = "\n".join(f"30.03.2025 {hour:02d}:00;{hour}" for hour in range(5))
    rows, table = read(content, zone=BERLIN)
    assert rows.offered.tolist() == [0, 1, 3, 4]
    assert rows.starts.astype(str).tolist()[1:3] == ["2025-03-30T00:00:00", "2025-03-30T01:00:00"]
    ((line, _column, reason, value),) = reasons(table)
    assert (line, value) == (3, "2025-03-30 02:00:00")
    assert "leaves this local time out in Europe/Berlin" in reason


def test_a_local_time_that_happens_twice_is_first_the_first_then_the_second() -> None:
    content = "\n".join(f"26.10.2025 {hour:02d}:00;{row}" for row, hour in enumerate([1, 2, 2, 3]))
    rows, table = read(content, zone=BERLIN)
    assert rows.starts.astype(str).tolist() == [
        f"2025-10-{day}:00:00" for day in ("25T23", "26T00", "26T01", "26T02")
    ]
    assert rows.offered.tolist() == [0, 1, 2, 3]
    assert table.report.count == 0


def test_a_third_time_in_the_repeated_hour_is_a_repeat() -> None:
    content = "\n".join(f"26.10.2025 {hour:02d}:00;1" for hour in [1, 2, 2, 2, 3])
    rows, table = read(content, zone=BERLIN)
    assert len(rows) == 4
    assert [line for line, *_rest in reasons(table)] == [4]


def test_a_shift_moves_local_times_by_whole_weeks_before_they_become_instants() -> None:
    summer = "07.07.2003 09:00;1\n07.07.2003 10:00;2"
    rows, _table = read(summer, zone=BERLIN, weeks=26)
    assert rows.starts.astype(str).tolist() == ["2004-01-05T08:00:00", "2004-01-05T09:00:00"]
    assert dt.date(2004, 1, 5).weekday() == dt.date(2003, 7, 7).weekday()


@given(
    st.lists(st.integers(0, 40 * 365 * 96), min_size=1, max_size=50),
    st.sampled_from([BERLIN, "Europe/Moscow", "Asia/Novosibirsk", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_zones_agree_with_the_standard_library(quarters: list[int], zone: str) -> None:
    epoch = dt.datetime(1990, 1, 1)  # noqa: DTZ001 - local time
    local = [epoch + dt.timedelta(minutes=15 * quarter) for quarter in quarters]
    resolved = zones.resolve(np.array(local, dtype="datetime64[s]"), zone)
    for index, moment in enumerate(local):
        first = moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC)
        exists = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment
        assert resolved.exists[index] == exists
        if not exists:
            continue
        second = moment.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(dt.UTC)
        assert zones.to_datetime(resolved.utc[index]) == first
        assert zones.to_datetime(resolved.second_utc[index]) == second
    back = zones.to_local(resolved.utc, zone)
    assert np.array_equal(back[resolved.exists], np.array(local, dtype="datetime64[s]")[resolved.exists])
