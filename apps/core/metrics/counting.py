"""What is counted as it happens: requests and background tasks. Label sets are bounded."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from apps.core.metrics.sharing import keep_sharing
from apps.core.metrics.tally import SEPARATOR, field, tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client import Metric

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
TASK_BUCKETS_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
BEYOND = "+Inf"


@dataclass(frozen=True)
class Timed:
    """A counter by all labels and a histogram of seconds by the `timed` first of them."""

    name: str
    what: str
    labels: tuple[str, ...]
    timed: int
    buckets_s: tuple[float, ...]

    def observe(self, values: tuple[str, ...], seconds: float) -> None:
        timed = values[: self.timed]
        place = bisect_left(self.buckets_s, seconds)
        bucket = str(self.buckets_s[place]) if place < len(self.buckets_s) else BEYOND
        tally.add(
            (
                (field(self.name, *values), 1.0),
                (field(f"{self.name}_s", *timed), seconds),
                (field(f"{self.name}_le", *timed, bucket), 1.0),
            )
        )
        keep_sharing()

    def families(self, sums: Mapping[str, float]) -> Iterator[Metric]:
        """Give both metrics out of the sums of all processes."""
        counter = CounterMetricFamily(f"wfm_{self.name}", f"{self.what}.", labels=self.labels)
        seconds: dict[tuple[str, ...], float] = {}
        counts: dict[tuple[str, ...], dict[str, float]] = {}
        for key, amount in sorted(sums.items()):
            metric, *values = key.split(SEPARATOR)
            if metric == self.name:
                counter.add_metric(values, amount)
            elif metric == f"{self.name}_s":
                seconds[tuple(values)] = amount
            elif metric == f"{self.name}_le":
                counts.setdefault(tuple(values[:-1]), {})[values[-1]] = amount
        yield counter
        histogram = HistogramMetricFamily(
            f"wfm_{self.name.removesuffix('s')}_duration_seconds",
            f"{self.what}: how long they took.",
            labels=self.labels[: self.timed],
        )
        for timed, by_bucket in counts.items():
            histogram.add_metric(list(timed), self._cumulated(by_bucket), seconds.get(timed, 0.0))
        yield histogram

    def _cumulated(self, by_bucket: Mapping[str, float]) -> list[tuple[str, float]]:
        total, cumulated = 0.0, []
        for bucket in (*map(str, self.buckets_s), BEYOND):
            total += by_bucket.get(bucket, 0.0)
            cumulated.append((bucket, total))
        return cumulated


REQUESTS = Timed("requests", "Requests answered", ("route", "method", "status"), 2, REQUEST_BUCKETS_S)
TASKS = Timed("tasks", "Background tasks ended", ("task", "state"), 1, TASK_BUCKETS_S)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request; `route` is the name of a route, never an address."""
    REQUESTS.observe((route, method if method in METHODS else "OTHER", str(status)), seconds)


def count_task(task: str, state: str, seconds: float) -> None:
    """Count a background task that ended in Celery's `state`."""
    TASKS.observe((task, state), seconds)
