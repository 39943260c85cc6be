"""The command line door of the engine: any file in, a forecast out, one clear line for a bad one."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import subprocess
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from benchmarks.__main__ import main
from tests.algorithms.forecasting.real_data import BANK_FILE, DATA

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "interval_start,calls\n"


def run(*argv: object) -> int:
    return main(["forecast-file", *map(str, argv)])


def test_the_2003_bank_without_django(tmp_path: Path) -> None:
    out, figures = tmp_path / "forecast.csv", tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "forecast-file", str(BANK_FILE)]
    command += ["--until", "2003-10-24T21:00", "--step", "15", "--out", str(out), "--json", str(figures)]
    root = DATA.parents[2]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root, timeout=60)
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["interval_start", "calls", "lower", "upper"]
    starts = [datetime.fromisoformat(row["interval_start"]) for row in rows]
    assert starts[0] == datetime.fromisoformat("2003-08-21T21:15")
    assert starts[-1] == datetime.fromisoformat("2003-10-24T21:00")
    assert {later - sooner for sooner, later in itertools.pairwise(starts)} == {timedelta(minutes=15)}
    totals: dict[str, float] = {}
    for row in rows:
        assert 0 <= float(row["lower"]) <= float(row["upper"])
        day = row["interval_start"][:10]
        totals[day] = totals.get(day, 0.0) + float(row["calls"])
    assert totals["2003-09-01"] == 0
    assert totals["2003-09-06"] == 0
    assert 28_000 < totals["2003-10-24"] < 36_000
    assert "Labor Day" in done.stdout
    assert json.loads(figures.read_text(encoding="utf-8"))["country"] == "US"


def small_file(path: Path, *, days: int = 21) -> Path:
    start = datetime.fromisoformat("2024-01-08")
    rows = [f"{start + timedelta(hours=hour)},{10 + hour % 24}\n" for hour in range(days * 24)]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(HEADER + "".join(rows))
    return path


def test_the_step_of_the_file_is_the_default_and_gzip_needs_no_suffix(tmp_path: Path) -> None:
    history, out = small_file(tmp_path / "history"), tmp_path / "out.csv"
    assert run(history, "--until", "2024-01-30T23:00", "--out", out) == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 48
    assert lines[1].startswith("2024-01-29 00:00:00,")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, column interval_start"),
        (b"when,calls\n", "line 1, column interval_start"),
        (b"interval_start,volume\n", "line 1, column calls"),
        (HEADER.encode() + b"2024-01-08 00:00,5\n2024-01-08 01:00,many\n", "line 3, column calls: 'many'"),
        (HEADER.encode() + b"2024-01-08 00:00,-5\n", "line 2, column calls"),
        (HEADER.encode() + b"2024-01-08 00:00,nan\n", "line 2, column calls"),
        (HEADER.encode() + b"yesterday,5\n", "line 2, column interval_start: 'yesterday'"),
        (HEADER.encode() + b"2024-01-08T00:00+03:00,5\n", "local time"),
        (HEADER.encode() + b"2024-01-08 00:00,5\n2024-01-08 00:00,6\n", "line 3: the interval"),
        (HEADER.encode() + b"2024-01-08 00:00\n", "1 fields instead of 2"),
        (HEADER.encode() + b"2024-01-08 00:00,5\n2024-01-08 01:00,6\n", "not enough history"),
        (HEADER.encode() + b"0001-01-08 00:00,5\n2024-01-08 00:00,5\n2024-01-08 01:00,6\n", "line 2, column"),
        (HEADER.encode(), "empty"),
        (b"\x1f\x8b\x08\x00broken", "cannot be read"),
        (b"PK\x03\x04\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_a_bad_file_gets_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    history = tmp_path / "history.csv"
    history.write_bytes(content)
    assert run(history, "--until", "2024-02-01", "--out", tmp_path / "out.csv") == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["--until", "2023-01-01T00:00"], "before the history"),
        (["--until", "2030-01-01T00:00"], "longer than"),
        (["--step", "7"], "does not divide a day"),
        (["--step", "inf"], "does not divide a day"),
        (["--step", "15"], "cannot be summed"),
        (["--country", "XX"], "no holiday calendar"),
    ],
)
def test_bad_options_get_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: list[str], said: str
) -> None:
    history = small_file(tmp_path / "history.csv.gz")
    options = ["--until", "2024-02-01T00:00", "--out", tmp_path / "out.csv", *changed]
    assert run(history, *options) == 2
    assert said in capsys.readouterr().err


def test_a_missing_file_and_an_unknown_benchmark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.csv", "--until", "2024-02-01", "--out", tmp_path / "out.csv") == 2
    assert "No such file" in capsys.readouterr().err
    assert main(["speed"]) == 2
    assert "unknown benchmark 'speed'" in capsys.readouterr().err
