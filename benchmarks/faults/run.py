"""`python -m benchmarks faults`: goes through the faults of docs/faults.md and prints what held.

Servers, workers, beats and simulators are real processes. `--pace` divides leases, pauses and sweeps (1 is
production), `--share` the number of operations and the length of what lasts; limits go with them.
"""

from __future__ import annotations

import argparse
import os
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

import django

from benchmarks.faults.plant import own_plant
from benchmarks.faults.rows import Row, Size
from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.faults.plant import Plant
    from benchmarks.faults.rows import Scenario

# Loaded one by one when Django is set up: module and function.
SCENARIOS = {
    "Q1": "q1:killed_at_every_point",
    "Q1F": "q1:facts_killed_at_every_point",
    "Q2": "queue_rows:killed_at_random",
    "Q3": "queue_rows:asked_to_end",
    "Q4": "server_rows:redis_away",
    "Q5": "server_rows:postgres_restarted",
    "Q6": "queue_rows:doubled",
    "Q7": "queue_rows:crowded",
    "Q8": "queue_rows:retry_clock",
    "C1": "c1:malformed_answers",
    "C2": "onec_rows:away",
    "C3": "onec_rows:slow",
    "C4": "onec_rows:one_bad_row",
    "C5": "onec_rows:half_the_people",
    "C6": "onec_rows:twice",
    "W1": "webhook_rows:ill_receivers",
    "W2": "webhook_rows:addresses_inside",
    "W3": "webhook_rows:one_dead_of_ten",
    "I1": "repeats:at_once",
}


def main(argv: list[str]) -> int:
    """Run the scenarios asked for and return 1 when any did not hold."""
    options = _options(argv)
    size = Size(options.share, options.pace)
    names = options.only or list(SCENARIOS)
    with own_plant(pace=options.pace, logs=options.logs) as plant:
        os.environ.update(plant.environment)
        django.setup()
        rows = [run(name, plant, size) for name in names]
    print_table("What held", [_line(row) for row in rows])
    for row in rows:
        for check in row.broken:
            print(f"  {row.name} does not hold: {check}")
    write_json(
        options.json, {"benchmark": "faults", "options": vars(options), "rows": [vars(row) for row in rows]}
    )
    return 0 if all(row.holds for row in rows) else 1


def run(name: str, plant: Plant, size: Size) -> Row:
    """Play one scenario; what it started is ended, whatever happens."""
    begun = time.monotonic()
    try:
        row = find(name)(plant, size)
    finally:
        plant.clear()
        import_module("benchmarks.faults.world").retire_connections()
    row.seconds = time.monotonic() - begun
    print(
        f"{row.name} {'holds' if row.holds else 'BROKEN'} after {row.seconds:.0f} s: {row.figures}",
        flush=True,
    )
    return row


def find(name: str) -> Scenario:
    """Give the function of a scenario; Django must be set up."""
    module, _colon, function = SCENARIOS[name].partition(":")
    return cast("Scenario", getattr(import_module(f"benchmarks.faults.{module}"), function))


def _line(row: Row) -> dict[str, object]:
    return {
        "fault": row.name,
        "what": row.scenario,
        "held": "yes" if row.holds else "NO",
        "checks": f"{sum(row.checks.values())}/{len(row.checks)}",
        "seconds": row.seconds,
        "figures": ", ".join(f"{name} {_short(value)}" for name, value in row.figures.items()),
    }


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks faults", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, help="these scenarios (all)")
    parser.add_argument("--pace", type=float, default=10.0, help="so many times the pace of production (10)")
    parser.add_argument("--share", type=float, default=1.0, help="of the full size (1)")
    parser.add_argument("--json", type=Path, help="write the rows there")
    parser.add_argument("--logs", type=Path, help="keep what the processes wrote in this folder")
    return parser.parse_args(argv)
