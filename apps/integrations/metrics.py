"""What a monitor is told of the operation queue, out of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily

from apps.core import clock
from apps.core.metrics import metric_source
from apps.integrations.choices import OperationState
from apps.integrations.models import Operation
from apps.integrations.selectors.operations import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric


@metric_source("operations")
def operations() -> Iterator[Metric]:
    """Give operations by state and kind, what waits for each connection, and how old the oldest is."""
    by_state = GaugeMetricFamily(
        "wfm_operations", "Operations that are not done, and those that failed.", labels=["kind", "state"]
    )
    shown = Operation.objects.filter(state__in=[*OPEN, OperationState.FAILED]).order_by("kind", "state")
    for kind, state, number in shown.values_list("kind", "state").annotate(number=Count("pk")):
        by_state.add_metric([kind, state], number)
    yield by_state
    depth = GaugeMetricFamily(
        "wfm_operations_waiting", "Operations that wait for a connection.", labels=["connection"]
    )
    oldest = GaugeMetricFamily(
        "wfm_operation_oldest_seconds", "Age of the oldest operation that waits.", labels=["connection"]
    )
    now = clock.now()
    waiting = Operation.objects.filter(state=OperationState.PENDING).order_by("connection__code")
    rows = waiting.values_list("connection__code").annotate(number=Count("pk"), since=Min("created_at"))
    for code, number, since in rows:
        depth.add_metric([code], number)
        oldest.add_metric([code], max(0.0, (now - since).total_seconds()))
    yield from (depth, oldest)
