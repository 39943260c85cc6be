"""Server time and queries of the pages at 500 people and at 50: as many queries, and time within reach."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from benchmarks.pages_data import MonthOfPeople
    from benchmarks.pages_edits import EditRounds

MONTH = dt.date(2027, 3, 1)
LARGE, SMALL = 500, 50
ROUNDS = 5
TARGET_MS = 300.0
EDIT_TARGET_MS = 150.0
PAINT_TARGET_MS = 1000.0


@dataclass(frozen=True)
class Timing:
    """One page: median server time of a request, its queries, and the same with a tenth of the people."""

    page: str
    people: int
    median_ms: float
    cpu_ms: float
    worst_ms: float
    queries: int
    small_median_ms: float
    small_queries: int
    kilobytes: float


@dataclass(frozen=True)
class Run:
    """The requests of one page: wall clock and the web process's own work, milliseconds each."""

    wall_ms: list[float]
    cpu_ms: list[float]
    queries: int
    bytes: int


def main(argv: list[str]) -> int:
    """Return 0 when grid and edits are within their targets and no page asks more for more people, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pages", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--people", type=int, default=LARGE)
    parser.add_argument("--browser", action="store_true", help="measure in Chromium too")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    django.setup()
    shown: dict[str, float] | None = {} if options.browser else None
    rows = _measure(options.people, shown)
    title = f"Pages with {options.people} people, and with {SMALL} in the same run as the reference"
    print_table(title, [asdict(row) for row in rows])
    grid = next(row for row in rows if row.page == "month grid")
    edits = [row for row in rows if row.page.startswith("edit")]  # their queries follow the shift
    constant = all(row.queries == row.small_queries for row in rows if row not in edits)
    within = grid.median_ms <= TARGET_MS and all(row.median_ms <= EDIT_TARGET_MS for row in edits)
    print(f"grid within {TARGET_MS:.0f} ms, edits within {EDIT_TARGET_MS:.0f} ms: {within}")
    print(f"queries constant: {constant}")
    if shown:
        print_table("In Chromium, medians", [shown])
        within = within and shown["rows_painted_ms"] <= PAINT_TARGET_MS
    figures = {"target_ms": TARGET_MS, "within": within, "constant_queries": constant, "browser": shown}
    write_json(options.json, figures | {"pages": [asdict(row) for row in rows]})
    return 0 if within and constant else 1


def _measure(people: int, shown: dict[str, float] | None) -> list[Timing]:
    """Measure on a database of its own, which is dropped afterwards."""
    from django.test.utils import (  # noqa: PLC0415 - after django.setup()
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    setup_test_environment(debug=False)
    old = setup_databases(verbosity=0, interactive=False)
    try:
        return list(_pages(people, shown))
    finally:
        teardown_databases(old, verbosity=0)
        teardown_test_environment()


def _pages(people: int, shown: dict[str, float] | None) -> Iterator[Timing]:
    """Yield the server's timings; `shown`, where given, is filled with what the browser takes."""
    from django.test import Client  # noqa: PLC0415 - after Django is set up

    from apps.accounts.models import User  # noqa: PLC0415 - after Django is set up
    from benchmarks.editing import make_lawful  # noqa: PLC0415
    from benchmarks.pages_browser import measure  # noqa: PLC0415
    from benchmarks.pages_data import make_month  # noqa: PLC0415 - after Django is set up
    from benchmarks.pages_edits import EditRounds  # noqa: PLC0415

    planner = User.objects.create_superuser("planner")
    large = make_month("large", people=people, month=MONTH, actor=planner)
    small = make_month("small", people=SMALL, month=MONTH, actor=planner)
    for made in (large, small):
        make_lawful(made)
    client = Client()
    client.force_login(planner)
    for name, address in _addresses(large).items():
        yield _timing(name, people, _time(client, address), _time(client, _addresses(small)[name]))
    runs, references = (_time_edits(EditRounds(client, made)) for made in (large, small))
    for name, run in runs.items():
        yield _timing(name, people, run, references[name])
    if shown is not None:
        shown |= measure(large, planner)


def _timing(name: str, people: int, run: Run, reference: Run) -> Timing:
    return Timing(
        page=name,
        people=people,
        median_ms=statistics.median(run.wall_ms),
        cpu_ms=statistics.median(run.cpu_ms),
        worst_ms=max(run.wall_ms),
        queries=run.queries,
        small_median_ms=statistics.median(reference.wall_ms),
        small_queries=reference.queries,
        kilobytes=run.bytes / 1000,
    )


def _addresses(made: MonthOfPeople) -> dict[str, str]:
    place = f"/planning/{made.group.code}/{MONTH:%Y-%m}"
    return {
        "month grid": f"{place}/schedule/",
        "day grid": f"{place}/schedule/{MONTH}/",
        "overview": f"{place}/",
        "requirement": f"{place}/requirement/",
        "requirement chart": f"{place}/requirement/data/?from={MONTH}&days=28",
        "history": f"/queues/{made.queue.code}/history/",
        "forecast": f"/queues/{made.queue.code}/forecast/",
        "jobs": "/jobs/",
    }


def _time_edits(rounds: EditRounds) -> dict[str, Run]:
    """Make edits, each undone again: one round to fill caches, one to count queries, then for the clock."""
    from django.db import connection  # noqa: PLC0415 - after django.setup()
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - after Django is set up

    runs: dict[str, Run] = {}
    for number in range(2 + 2 * ROUNDS):
        for name, request in rounds.steps().items():
            run = runs.setdefault(name, Run([], [], 0, 0))
            if number == 1:
                with CaptureQueriesContext(connection) as queries:
                    answer = request()
                runs[name] = Run([], [], len(queries), len(answer.content))
                continue
            begun, worked = time.perf_counter(), time.process_time()
            request()
            if number > 1:
                run.wall_ms.append((time.perf_counter() - begun) * 1000)
                run.cpu_ms.append((time.process_time() - worked) * 1000)
    return runs


def _time(client: Client, address: str) -> Run:
    """Ask for the page once to fill caches, once to count queries, and then for the clock."""
    from django.db import connection  # noqa: PLC0415 - after django.setup()
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - after Django is set up

    answer = client.get(address)
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP OK
        raise RuntimeError(f"{address}: {answer.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    count = len(queries)  # now: the next request clears the log
    wall, cpu = [], []
    for _round in range(ROUNDS):
        begun, worked = time.perf_counter(), time.process_time()
        client.get(address)
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return Run(wall, cpu, count, len(answer.content))
