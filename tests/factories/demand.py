"""Interval history without a file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.core.partitions import ensure_months
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch, IntervalHistory
from tests.factories.organization import make_queue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.models import Queue


def make_import_batch(queue: Queue | None = None, **facts: Any) -> ImportBatch:
    facts = {"file_name": "history.csv", "sha256": "0" * 64, "state": ImportState.APPLIED} | facts
    return ImportBatch.objects.create(queue=queue or make_queue(), **facts)


def make_history(
    queue: Queue, start: dt.datetime, offered: Sequence[int], *, step_s: int = 1800, aht_s: int = 180
) -> ImportBatch:
    """Make consecutive intervals from `start` (aware) with these contacts, all handled."""
    batch = make_import_batch(queue)
    starts = [start + dt.timedelta(seconds=step_s * index) for index in range(len(offered))]
    if starts:
        ensure_months(IntervalHistory, starts[0], starts[-1])
    IntervalHistory.objects.bulk_create(
        IntervalHistory(
            queue=queue,
            start=instant,
            step_s=step_s,
            offered=calls,
            handled=calls,
            abandoned=0,
            handle_s=calls * aht_s,
            batch=batch,
        )
        for instant, calls in zip(starts, offered, strict=True)
    )
    return batch
