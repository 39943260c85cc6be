"""The API under load: 10 000 people listed for 8 clients beside plain DRF, a million intervals summed.

Each side is a real uvicorn, started as `manage.py serve` starts it, with the product's own settings; the peer
is `benchmarks/api_peer.py`. The clients are threads of this process with one kept connection each.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PEOPLE, INTERVALS, CLIENTS = 10_000, 1_000_000, 8
REQUESTS, WARM_UP = 150, 5
TARGET_MS, STATISTICS_TARGET_MS = 48.0, 500.0
START_TIMEOUT_S = 60
ADDRESS = "/api/v1/employees/?page_size=50"
OK = 200


@dataclass(frozen=True)
class Timing:
    """One way of asking: latencies in milliseconds over all clients, and answers in a second."""

    side: str
    requests: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    per_second: float
    kilobytes: float


def main(argv: list[str]) -> int:
    """Return 0 when both figures are within their targets, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks api", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--intervals", type=int, default=INTERVALS)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each client; a key has 1000/min")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.dev")
    django.setup()
    with _database():
        lists = list(_lists(options.people, options.clients, options.requests))
        sums = list(_statistics(options.intervals))
    print_table(f"A page of 50 of {options.people} people, {options.clients} clients", [*map(asdict, lists)])
    print_table(f"Sums of {options.intervals} intervals, warm", sums)
    within = all(row.p95_ms <= TARGET_MS for row in lists if row.side.startswith("ours"))
    sums_within = all(float(row["worst_ms"]) <= STATISTICS_TARGET_MS for row in sums)
    print(
        f"p95 within {TARGET_MS:.0f} ms: {within}; sums within {STATISTICS_TARGET_MS:.0f} ms: {sums_within}"
    )
    figures = {"target_ms": TARGET_MS, "within": within, "sums_within": sums_within}
    write_json(options.json, figures | {"lists": [*map(asdict, lists)], "statistics": sums})
    return 0 if within and sums_within else 1


@contextmanager
def _database() -> Iterator[None]:
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
        yield
    finally:
        teardown_databases(old, verbosity=0)
        teardown_test_environment()


def _lists(people: int, clients: int, requests: int) -> Iterator[Timing]:
    from django.db import connection  # noqa: PLC0415 - after django.setup()

    from benchmarks.api_data import make_keys, make_people, make_sessions  # noqa: PLC0415 - as above

    make_people(people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of such a load
    keys = [{"X-API-Key": secret} for secret in make_keys(clients)]
    sessions = [{"Cookie": f"sessionid={cookie}"} for cookie in make_sessions(clients)]
    with _server("benchmarks.api_peer_settings") as port:
        yield _load("plain DRF, nobody signed in", port, [{} for _ in range(clients)], requests)
    with _server("benchmarks.api_settings") as port:
        yield _load("ours, by key", port, keys, requests)
        yield _load("ours, by session", port, sessions, requests)


@contextmanager
def _server(settings: str) -> Iterator[int]:
    """Run uvicorn with these settings on the benchmark's database; give its port."""
    from apps.core.management.commands.serve import children  # noqa: PLC0415 - after django.setup()

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    web = next(child for child in children("127.0.0.1", port) if child.name == "web")
    from django.db import connection  # noqa: PLC0415 - as above

    database = {"BENCHMARK_DATABASE": str(connection.settings_dict["NAME"])}
    environment = os.environ | web.environment | database | {"DJANGO_SETTINGS_MODULE": settings}
    server = subprocess.Popen(web.command, env=environment)  # noqa: S603 - our own program
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _load(side: str, port: int, headers: Sequence[Mapping[str, str]], requests: int) -> Timing:
    """Let each client ask `requests` times, one after the other, all at once."""
    latencies: list[float] = []
    sizes: list[int] = []
    failures: list[str] = []
    barrier = threading.Barrier(len(headers) + 1)

    def client(own: Mapping[str, str]) -> None:
        link = HTTPConnection("127.0.0.1", port, timeout=60)
        for at in range(WARM_UP + requests):
            if at == WARM_UP:
                with suppress(threading.BrokenBarrierError):
                    barrier.wait()
            begun = time.perf_counter()
            link.request("GET", ADDRESS, headers=dict(own))
            answer = link.getresponse()
            body = answer.read()
            if answer.status != OK:
                failures.append(f"{answer.status}: {body[:200]!r}")
                barrier.abort()
                return
            if at >= WARM_UP:
                latencies.append((time.perf_counter() - begun) * 1000)
                sizes.append(len(body))

    threads = [threading.Thread(target=client, args=[own]) for own in headers]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):
        barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if failures:
        raise RuntimeError(f"{side}: {len(failures)} failures, first {failures[0]}")
    cuts = statistics.quantiles(latencies, n=100)
    return Timing(
        side, len(latencies), cuts[49], cuts[94], cuts[98], len(latencies) / seconds, max(sizes) / 1000
    )


def _statistics(rows: int) -> list[dict[str, float | str]]:
    from django.db import connection  # noqa: PLC0415 - after django.setup()

    from apps.demand.selectors.statistics import Period, contact_statistics  # noqa: PLC0415 - as above
    from apps.organization.models import Queue  # noqa: PLC0415 - as above
    from benchmarks.api_data import make_history  # noqa: PLC0415 - as above

    queues = list(Queue.objects.order_by("code"))
    start, end = make_history(queues, rows)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    timings: list[dict[str, float | str]] = []
    for period in Period:
        taken, periods = [], 0
        asked = queues[:1] if period == Period.HOUR else queues  # an answer holds 40 000 periods at most
        for _round in range(6):
            begun = time.perf_counter()
            found = contact_statistics(asked, start=start, end=end, period=period)
            taken.append((time.perf_counter() - begun) * 1000)
            periods = sum(len(each.starts) for each in found)
        warm = taken[1:]
        timings.append(
            {
                "period": period.value,
                "queues": len(asked),
                "periods": periods,
                "median_ms": statistics.median(warm),
                "worst_ms": max(warm),
            }
        )
    return timings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
