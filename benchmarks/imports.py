"""Import of interval history end to end beside a bulk upsert by the ORM; formats; how soon wrong files go.

A run reads bytes, validates each row, resolves local time and commits, in a database of its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import io
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import django
import numpy as np
from django.utils import translation

from benchmarks.import_formats import MB_AT_MOST, SECONDS_AT_MOST, FormatRun, measure, within_limits
from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.organization.models import Queue

ROWS, PEER_ROWS = 500_000, 50_000
TARGET_ROWS_PER_S = 150_000.0
REFUSED_WITHIN_S = 2.0
SEED = 1
ZONE = "Europe/Moscow"
FIRST = np.datetime64("2020-01-01T00:00", "m")
STEP = np.timedelta64(5, "m")


@dataclass(frozen=True)
class Run:
    """One import: rows in the file, seconds from the first byte to the commit."""

    what: str
    rows: int
    seconds: float
    rows_per_s: float
    loaded: int
    unchanged: int
    refused: int


@dataclass(frozen=True)
class Refusal:
    """A wrong file: seconds to the refusal, and its reason."""

    file: str
    seconds: float
    reason: str


def main(argv: list[str]) -> int:
    """Return 0 when both the import and the refusals are within their targets, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks import", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    django.setup()
    translation.activate("en")
    runs, refusals, formats = _measure(options.rows, options.peer_rows)
    print_table("Import of five-minute intervals, file to commit", [asdict(run) for run in runs])
    print_table("Wrong files", [asdict(refusal) for refusal in refusals])
    print_table("Formats, each in a process of its own", [asdict(run) for run in formats])
    speed = runs[0].rows_per_s
    slowest = max(refusal.seconds for refusal in refusals)
    fast, soon = speed >= TARGET_ROWS_PER_S, slowest <= REFUSED_WITHIN_S
    held = within_limits(formats)
    met = {True: "met", False: "missed"}
    times = speed / runs[-1].rows_per_s
    print(
        f"\n{speed:,.0f} rows/s, {times:.1f} times the ORM; target {TARGET_ROWS_PER_S:,.0f} {met[fast]}; "
        f"refusals within {REFUSED_WITHIN_S:g} s: {met[soon]}; "
        f"Excel within {SECONDS_AT_MOST:g} s and {MB_AT_MOST:g} MB: {met[held]}"
    )
    write_json(
        options.json,
        {
            "rows_per_s": speed,
            "target_rows_per_s": TARGET_ROWS_PER_S,
            "times_orm": times,
            "slowest_refusal_s": slowest,
            "runs": [asdict(run) for run in runs],
            "refusals": [asdict(refusal) for refusal in refusals],
            "formats": [asdict(run) for run in formats],
        },
    )
    return 0 if fast and soon and held else 1


def _measure(rows: int, peer_rows: int) -> tuple[list[Run], list[Refusal], list[FormatRun]]:
    """Measure on a database of its own, which is dropped afterwards."""
    from django.db import connection  # noqa: PLC0415 - after django.setup()
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - after django.setup()

    old = setup_databases(verbosity=0, interactive=False)
    try:
        formats = measure(str(connection.settings_dict["NAME"]))
        return list(_runs(rows, peer_rows)), list(_refusals()), formats
    finally:
        teardown_databases(old, verbosity=0)


def _runs(rows: int, peer_rows: int) -> Iterator[Run]:
    text = argus_file(rows)
    queue = make_queue("measured")
    yield _ours("first import", queue, text, rows)
    yield _ours("the same file again", queue, text, rows)
    yield _ours("gzip, another queue", make_queue("packed"), gzip.compress(text, 6), rows)
    yield _ours("1 % of the rows broken", make_queue("broken"), with_broken_rows(text), rows)
    yield _peer(argus_file(peer_rows), peer_rows)


def measure_import(what: str, text: bytes, rows: int) -> Run:
    """Import a file into a queue of its own."""
    return _ours(what, make_queue("argus"), text, rows)


def measure_peer(text: bytes, rows: int) -> Run:
    """Import the same as one would without thinking of speed."""
    return _peer(text, rows)


def _ours(what: str, queue: Queue, content: bytes, rows: int) -> Run:
    from apps.demand.services.importing import import_history  # noqa: PLC0415 - after django.setup()

    begun = time.perf_counter()
    batch = import_history(queue_id=queue.pk, file=io.BytesIO(content), file_name="b.csv", actor=None)
    seconds = time.perf_counter() - begun
    return Run(
        what,
        rows,
        seconds,
        rows / seconds,
        batch.rows_loaded,
        batch.rows_unchanged,
        batch.rows_refused,
    )


def _peer(text: bytes, rows: int) -> Run:
    """Import as one would without thinking of speed: csv, strptime, model instances, bulk upsert."""
    from django.db import transaction  # noqa: PLC0415 - after django.setup()

    from apps.core.partitions import ensure_months  # noqa: PLC0415 - after Django is set up
    from apps.demand.models import ImportBatch, IntervalHistory  # noqa: PLC0415 - after Django is set up

    queue, zone = make_queue("peer"), ZoneInfo(ZONE)
    begun = time.perf_counter()
    with transaction.atomic():
        batch = ImportBatch.objects.create(queue=queue, file_name="b.csv", sha256="", state="applied")
        made = [
            IntervalHistory(
                queue=queue,
                start=dt.datetime.strptime(when, "%d.%m.%Y %H:%M").replace(tzinfo=zone),
                step_s=300,
                offered=int(calls),
                handle_s=round(int(calls) * float(aht.replace(",", "."))),
                batch=batch,
            )
            for when, calls, aht in csv.reader(io.StringIO(text.decode()), delimiter=";")
        ]
        ensure_months(IntervalHistory, made[0].start, made[-1].start)
        IntervalHistory.objects.bulk_create(
            made,
            batch_size=5000,
            update_conflicts=True,
            unique_fields=["queue", "start"],
            update_fields=["step_s", "offered", "handle_s", "batch"],
        )
    seconds = time.perf_counter() - begun
    return Run("ORM bulk upsert", rows, seconds, rows / seconds, rows, 0, 0)


def argus_file(rows: int) -> bytes:
    """Make `DD.MM.YYYY hh:mm;contacts;AHT` lines of consecutive five minutes with noise."""
    draw = np.random.default_rng(SEED)
    moments = (FIRST + np.arange(rows) * STEP).astype(str)
    calls = draw.poisson(80, rows)
    aht = np.round(draw.normal(180, 20, rows), 1)
    lines = (
        f"{moment[8:10]}.{moment[5:7]}.{moment[:4]} {moment[11:]};{number};{str(seconds).replace('.', ',')}"
        for moment, number, seconds in zip(moments, calls, aht, strict=True)
    )
    return "\n".join(lines).encode()


def with_broken_rows(text: bytes) -> bytes:
    lines = text.split(b"\n")
    lines[::100] = [line.replace(b";", b";-", 1) for line in lines[::100]]
    return b"\n".join(lines)


def _refusals() -> Iterator[Refusal]:
    from apps.demand.errors import FileRefusedError  # noqa: PLC0415 - after django.setup()
    from apps.demand.services.importing import import_history  # noqa: PLC0415 - after Django is set up

    queue = make_queue("refusing")
    for name, content in hostile_files().items():
        begun, reason = time.perf_counter(), "NOT REFUSED"
        try:
            import_history(queue_id=queue.pk, file=io.BytesIO(content), file_name=name, actor=None)
        except FileRefusedError as refusal:
            reason = refusal.message[:60]
        yield Refusal(name, time.perf_counter() - begun, reason)


def hostile_files() -> dict[str, bytes]:
    """Make the files that a person or an attacker might send instead of a table."""
    row = b"01.01.2024 00:00;5;180\n"
    return {
        "random bytes": np.random.default_rng(SEED).bytes(20_000_000),
        "gzip bomb of one line": gzip.compress(bytes(500_000_000)),
        "gzip bomb of rows": gzip.compress(row * 12_000_000, 9),
        "three million rows": argus_file(3_000_000),
        "a line of 50 MB": row + b"7" * 50_000_000,
        "a log": b"2024-01-01 10:00:00 INFO, request handled\n" * 1_000_000,
        "other columns": b"name;salary\nA;1\n",
        "cut gzip": gzip.compress(row * 100_000)[:-40],
        "nothing": b"",
    }


def make_queue(code: str) -> Queue:
    from apps.organization.models import Queue, Service  # noqa: PLC0415 - after django.setup()

    service = Service.objects.get_or_create(code="benchmark", defaults={"name": "Benchmark"})[0]
    return Queue.objects.create(service=service, code=code, name=code, time_zone=ZONE)
