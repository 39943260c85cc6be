"""Everybody of a simulated 1C, asked for and taken over: all new, the same again, a tenth changed.

Each run goes from the request to the commit, against a simulator in a process of its own and in a database
of its own; the queries are those of the whole run.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.utils import translation

from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection
    from tests.integrations.simulated import Simulated

PEOPLE = 10_000
TARGET_S = 10.0


@dataclass(frozen=True)
class Measured:
    """One run; `cpu_s` is of this process, without the database and the simulator."""

    what: str
    people: int
    seconds: float
    cpu_s: float
    queries: int
    created: int
    updated: int
    balances: int
    unchanged: int


def main(argv: list[str]) -> int:
    """Return 0 when every run keeps to ten seconds for ten thousand people, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks personnel", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    django.setup()
    translation.activate("en")
    runs = _measure(options.people)
    print_table("People of 1C, request to commit", [asdict(run) for run in runs])
    allowed_s = TARGET_S * max(options.people / PEOPLE, 0.1)
    is_met = all(run.seconds <= allowed_s for run in runs)
    slowest = max(run.seconds for run in runs)
    print(f"\nslowest {slowest:.1f} s, allowed {allowed_s:.1f} s: {'met' if is_met else 'missed'}")
    write_json(options.json, {"slowest_s": slowest, "runs": [asdict(run) for run in runs]})
    return 0 if is_met else 1


def _measure(people: int) -> list[Measured]:
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - after django.setup()

    from tests.integrations.onec_people import make_onec  # noqa: PLC0415 - after django.setup()
    from tests.integrations.simulated import simulated_process  # noqa: PLC0415 - after django.setup()

    old = setup_databases(verbosity=0, interactive=False)
    try:
        with simulated_process("onec", "--people", str(people)) as server:
            return list(_runs(make_onec(server, timeout_s=120), server, people))
    finally:
        teardown_databases(old, verbosity=0)


def _runs(connection: Connection, server: Simulated, people: int) -> Iterator[Measured]:
    from apps.integrations.models import PersonLink  # noqa: PLC0415 - after django.setup()

    yield _run("all new", connection, people)
    yield _run("the same again", connection, people)
    links = PersonLink.objects.filter(employee__dismissed_on=None).order_by("pk")
    for agent_id in links.values_list("external_id", flat=True)[: people // 10]:
        server.post("/_people", {"action": "rename", "agentId": agent_id, "lastname": "Новоселова"})
    yield _run("a tenth changed", connection, people)


def _run(what: str, connection: Connection, people: int) -> Measured:
    from django.db import connection as database  # noqa: PLC0415 - after django.setup()
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - after django.setup()

    from apps.integrations.services.personnel import PERSONNEL  # noqa: PLC0415 - after django.setup()
    from tests.integrations.onec_runs import run_for  # noqa: PLC0415 - after django.setup()

    begun, cpu = time.perf_counter(), time.process_time()
    with CaptureQueriesContext(database) as queries:
        run = run_for(connection, PERSONNEL)
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    counts = [run.counts[name] for name in ("created", "updated", "balances", "unchanged")]
    return Measured(what, people, seconds, cpu_s, len(queries), *counts)
