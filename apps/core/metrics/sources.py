"""What is asked when a monitor scrapes: the shared figures, and what each app's source reads of its rows."""

from __future__ import annotations

import platform
import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import django
from django.db import Error, connection, transaction
from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError

from apps.core.code_version import code_version
from apps.core.metrics import sharing
from apps.core.metrics.counting import REQUESTS, TASKS
from apps.core.metrics.tally import tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client import Metric

    Source = Callable[[], Iterator[Metric]]

KEPT_S = 5.0  # several monitors, or an impatient one, ask the database once
STATEMENT_TIMEOUT_S = 3
MARK_TASK, MARK_BEAT = "task:", "beat"
POOL_FACTS = ("pool_max", "pool_size", "pool_available", "requests_waiting")


@dataclass
class _Kept:
    at: float = float("-inf")
    metrics: list[Metric] = field(default_factory=list)


_sources: dict[str, Source] = {}
_kept: dict[str, _Kept] = {}
_reading = threading.Lock()


def metric_source(name: str) -> Callable[[Source], Source]:
    """Register a function that gives metrics out of the database; each statement has three seconds."""

    def register(source: Source) -> Source:
        _sources[name] = source
        return source

    return register


def collect() -> Iterator[Metric]:
    """Give every metric; a source that fails is missing and `wfm_source_up` says so."""
    yield _build()
    up = GaugeMetricFamily("wfm_source_up", "Whether the source of metrics could be read.", labels=["source"])
    shared, ok = _shared()
    up.add_metric(["redis"], ok)
    yield from shared
    for name in _sources:
        metrics, ok = _asked(name)
        up.add_metric([name], ok)
        yield from metrics
    yield up


def _build() -> Metric:
    build = GaugeMetricFamily("wfm_build_info", "What runs.", labels=["version", "python", "django"])
    build.add_metric([code_version(), platform.python_version(), django.get_version()], 1)
    return build


def _shared() -> tuple[list[Metric], bool]:
    try:
        sums, marks, alive = sharing.read()
    except (RedisError, OSError):
        return [*REQUESTS.families(tally.peek()), *TASKS.families(tally.peek())], False
    own = tally.peek()
    whole = {name: sums.get(name, 0.0) + own.get(name, 0.0) for name in {*sums, *own}}
    return [*REQUESTS.families(whole), *TASKS.families(whole), *_marks(marks), *_alive(alive)], True


def _marks(marks: Mapping[str, float]) -> Iterator[Metric]:
    tasks = GaugeMetricFamily(
        "wfm_periodic_last_success_timestamp_seconds",
        "When the periodic task last succeeded.",
        labels=["task"],
    )
    beat = GaugeMetricFamily("wfm_beat_last_tick_timestamp_seconds", "When beat last sent a task.")
    for name, at in sorted(marks.items()):
        if name.startswith(MARK_TASK):
            tasks.add_metric([name.removeprefix(MARK_TASK)], at)
        elif name == MARK_BEAT:
            beat.add_metric([], at)
    yield tasks
    yield beat


def _alive(alive: Mapping[str, dict[str, Any]]) -> Iterator[Metric]:
    processes = GaugeMetricFamily("wfm_processes", "Processes that gave a sign of life.", labels=["kind"])
    pool = GaugeMetricFamily(
        "wfm_database_pool",
        "Connection pools of all web processes: limit, open, idle, requests that wait.",
        labels=["figure"],
    )
    kinds: dict[str, int] = {}
    for name in alive:
        kind = name.split("@", 1)[0]
        kinds[kind] = kinds.get(kind, 0) + 1
    for kind, number in sorted(kinds.items()):
        processes.add_metric([kind], number)
    for figure in POOL_FACTS:
        pool.add_metric([figure], sum(facts.get(figure, 0) for facts in alive.values()))
    yield processes
    yield pool


def _asked(name: str) -> tuple[list[Metric], bool]:
    with _reading:
        kept = _kept.setdefault(name, _Kept())
        if monotonic() - kept.at < KEPT_S:
            return kept.metrics, True
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_S}s'")
                kept.metrics = list(_sources[name]())
        except (Error, OSError):
            return [], False
        kept.at = monotonic()
        return kept.metrics, True


def forget() -> None:
    """Ask the database anew at the next scrape."""
    with _reading:
        _kept.clear()
