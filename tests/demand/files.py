"""Files of interval history as people send them."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import numpy as np

from apps.demand.services.importing import import_history
from apps.demand.services.reading.history import Clock, intervals_of
from apps.demand.services.reading.limits import DEFAULT_LIMITS, Limits
from apps.demand.services.reading.table import Table, read_table

if TYPE_CHECKING:
    from typing import Any

    from apps.demand.models import ImportBatch
    from apps.demand.types import HistoryRows
    from apps.organization.models import Queue

NOW = np.datetime64("2026-11-01T00:00:00", "s")


def read(
    content: str | bytes,
    *,
    zone: str = "Europe/Moscow",
    weeks: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    now: np.datetime64 = NOW,
    group: str = "",
) -> tuple[HistoryRows, Table]:
    """Read a file as an import does, without a database."""
    table = read_table(io.BytesIO(encoded(content)), limits, group=group)
    return intervals_of(table, Clock(zone, weeks, now, 900)), table


def load(queue: Queue, content: str | bytes, **facts: Any) -> ImportBatch:
    """Import a file into a queue, as the system unless an actor is given."""
    facts = {"file_name": "history.csv", "actor": None} | facts
    return import_history(queue_id=queue.pk, file=io.BytesIO(encoded(content)), **facts)


def encoded(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def packed(content: str | bytes) -> bytes:
    return gzip.compress(encoded(content))


def reasons(table: Table) -> list[tuple[int, str, str, str]]:
    return [(error.line, error.column, str(error.reason), error.value) for error in table.report.sorted()]
