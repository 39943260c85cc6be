"""What a monitor is told of the operation queue and of calls to other systems, out of their rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily

from apps.core import clock
from apps.core.metrics import metric_source
from apps.integrations.choices import OperationState
from apps.integrations.models import Breaker, Operation
from apps.integrations.selectors.operations import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

LATELY = dt.timedelta(minutes=5)
QUANTILES = (0.5, 0.95, 0.99)
CALLS_LATELY = """
SELECT c.code, call.endpoint, count(*), count(*) FILTER (WHERE call.failure NOT IN ('', 'refused')),
    percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY call.duration_ms)
FROM integrations_call call JOIN integrations_connection c ON c.id = call.connection_id
WHERE call.began_at >= %s GROUP BY 1, 2 ORDER BY 1, 2
"""


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


@metric_source("outgoing_calls")
def outgoing_calls() -> Iterator[Metric]:
    """Give the calls of the last five minutes by endpoint: how many, how many failed, how long they took."""
    labels = ["connection", "endpoint"]
    calls = GaugeMetricFamily("wfm_calls_lately", "Calls of the last five minutes.", labels=labels)
    errors = GaugeMetricFamily("wfm_call_errors_lately", "Those that failed; refusals do not.", labels=labels)
    seconds = GaugeMetricFamily(
        "wfm_call_seconds_lately", "How long they took.", labels=[*labels, "quantile"]
    )
    with connection.cursor() as cursor:
        cursor.execute(CALLS_LATELY, [clock.now() - LATELY])
        for code, endpoint, number, failed, durations_ms in cursor.fetchall():
            calls.add_metric([code, endpoint], number)
            errors.add_metric([code, endpoint], failed)
            for quantile, duration_ms in zip(QUANTILES, durations_ms, strict=True):
                seconds.add_metric([code, endpoint, str(quantile)], duration_ms / 1000)
    yield from (calls, errors, seconds)
    spared = GaugeMetricFamily("wfm_breaker_open", "Connections that are spared.", labels=["connection"])
    opened = Breaker.objects.exclude(open_until=None).order_by("connection__code")
    for code in opened.values_list("connection__code", flat=True):
        spared.add_metric([code], 1)
    yield spared
