"""What every installation has in its database: the outbox, partitions, connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Min, Q
from prometheus_client.core import GaugeMetricFamily

from apps.core import clock
from apps.core.metrics.sources import metric_source
from apps.core.models import DeliveryState, OutboxDelivery
from apps.core.partitions import partition_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric


@metric_source("outbox")
def outbox() -> Iterator[Metric]:
    """Give what waits for delivery and what failed for good."""
    figures = OutboxDelivery.objects.exclude(state=DeliveryState.DELIVERED).aggregate(
        pending=Count("pk", filter=Q(state=DeliveryState.PENDING)),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
        oldest=Min("event__occurred_at", filter=Q(state=DeliveryState.PENDING)),
    )
    oldest = figures["oldest"]
    age_s = 0.0 if oldest is None else max(0.0, (clock.now() - oldest).total_seconds())
    yield GaugeMetricFamily("wfm_outbox_pending", "Deliveries that wait.", value=figures["pending"])
    yield GaugeMetricFamily("wfm_outbox_failed", "Deliveries given up.", value=figures["failed"])
    yield GaugeMetricFamily("wfm_outbox_oldest_pending_seconds", "Age of the oldest that waits.", value=age_s)


@metric_source("partitions")
def partitions() -> Iterator[Metric]:
    """Give what is wrong with partitioned tables; well: no samples but the sums of zero."""
    missing = GaugeMetricFamily(
        "wfm_partitions_missing", "Months soon needed that have no partition.", labels=["table"]
    )
    stray = GaugeMetricFamily(
        "wfm_partition_default_rows", "Whether rows fell into the default partition.", labels=["table"]
    )
    faults = partition_faults()
    for fault in faults:
        missing.add_metric([fault.table], len(fault.missing_months))
        stray.add_metric([fault.table], fault.default_holds_rows)
    yield missing
    yield stray


@metric_source("database")
def database() -> Iterator[Metric]:
    """Give the connections of the whole server, and the size of our database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('max_connections')::int, pg_database_size(current_database())"
        )
        connections, limit, size = cursor.fetchone()
    yield GaugeMetricFamily("wfm_database_connections", "Connections of the server.", value=connections)
    yield GaugeMetricFamily("wfm_database_connections_max", "Connections it allows.", value=limit)
    yield GaugeMetricFamily("wfm_database_size_bytes", "Size of our database.", value=size)
