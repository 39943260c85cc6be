"""Imports from Argus, file to commit: intervals beside a bulk upsert by the ORM, employees, shifts read.

A run reads bytes, validates each row and commits, in a database of its own.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.utils import translation

from benchmarks.imports import argus_file, measure_import, measure_peer
from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERVALS, PEER_ROWS, PEOPLE = 500_000, 50_000, 20_000
TARGET_ROWS_PER_S, TARGET_PEOPLE_PER_MINUTE = 150_000.0, 50_000.0


@dataclass(frozen=True)
class Measured:
    """One import: rows in the file, seconds from the first byte to the commit."""

    what: str
    rows: int
    seconds: float
    rows_per_s: float
    loaded: int
    unchanged: int
    refused: int


def main(argv: list[str]) -> int:
    """Return 0 when intervals and employees are as fast as is wanted, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks argus", description=__doc__)
    parser.add_argument("--intervals", type=int, default=INTERVALS)
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    django.setup()
    translation.activate("en")
    runs = _measure(options.intervals, options.peer_rows, options.people)
    print_table("Imports from Argus, file to commit", [asdict(run) for run in runs])
    intervals, peer, people = runs[0].rows_per_s, runs[1].rows_per_s, 60 * runs[2].rows_per_s
    is_met = intervals >= TARGET_ROWS_PER_S and people >= TARGET_PEOPLE_PER_MINUTE
    print(
        f"\n{intervals:,.0f} intervals/s, {intervals / peer:.1f} times the ORM"
        f" (target {TARGET_ROWS_PER_S:,.0f});"
        f" {people:,.0f} employees a minute (target {TARGET_PEOPLE_PER_MINUTE:,.0f}):"
        f" {'met' if is_met else 'missed'}"
    )
    write_json(
        options.json,
        {
            "intervals_per_s": intervals,
            "times_orm": intervals / peer,
            "employees_per_minute": people,
            "runs": [asdict(run) for run in runs],
        },
    )
    return 0 if is_met else 1


def _measure(intervals: int, peer_rows: int, people: int) -> list[Measured]:
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - after django.setup()

    old = setup_databases(verbosity=0, interactive=False)
    try:
        first = measure_import("intervals", argus_file(intervals), intervals)
        peer = measure_peer(argus_file(peer_rows), peer_rows)
        return [Measured(**asdict(first)), Measured(**asdict(peer)), *_people(people)]
    finally:
        teardown_databases(old, verbosity=0)


def _people(count: int) -> Iterator[Measured]:
    from apps.integrations.choices import ArgusTable  # noqa: PLC0415 - after django.setup()
    from apps.integrations.services.argus.importing import import_table  # noqa: PLC0415 - after django.setup()

    _places()
    content = people_file(count)
    for what in ("employees", "the same employees again"):
        begun = time.perf_counter()
        done = import_table(
            table=ArgusTable.EMPLOYEES,
            file=io.BytesIO(content),
            file_name="people.csv",
            target={},
            actor=None,
        )
        seconds = time.perf_counter() - begun
        yield Measured(
            what, count, seconds, count / seconds, done.rows_loaded, done.rows_unchanged, done.rows_refused
        )


def people_file(count: int) -> bytes:
    """Make a row for each person, with terms."""
    rows = (
        f"{at:06};Фамилия{at:06};Анна;Ивановна;Отдел {at % 20};Оператор;Москва;12.01.2026;1;40\n"
        for at in range(count)
    )
    heading = (
        "Табельный номер;Фамилия;Имя;Отчество;Отдел;Должность;Площадка;Дата приёма;Ставка;Часов в неделю\n"
    )
    return (heading + "".join(rows)).encode("cp1251")


def _places() -> None:
    from apps.organization.models import Department, Position, Site  # noqa: PLC0415 - after django.setup()

    Department.objects.bulk_create(Department(code=f"d{at}", name=f"Отдел {at}") for at in range(20))
    Position.objects.create(name="Оператор")
    Site.objects.create(code="msk", name="Москва", time_zone="Europe/Moscow")
