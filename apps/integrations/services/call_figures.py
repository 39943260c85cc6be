"""Figures of calls: summed up by endpoint and hour, calls and sums forgotten after their time."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection

from apps.core import clock
from apps.integrations.models import Call, CallHour

LATE_MINUTES = 5  # of an hour, in which calls of the hour before may still come in
BATCH = 10_000
SUM_UP = """
INSERT INTO integrations_callhour (connection_id, endpoint, hour, calls, errors, p50_ms, p95_ms, p99_ms)
SELECT connection_id, endpoint, date_trunc('hour', began_at, 'UTC'), count(*),
    count(*) FILTER (WHERE failure NOT IN ('', 'refused')),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms),
    percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms),
    percentile_disc(0.99) WITHIN GROUP (ORDER BY duration_ms)
FROM integrations_call WHERE began_at >= %s GROUP BY 1, 2, 3
ON CONFLICT (connection_id, endpoint, hour) DO UPDATE SET calls = excluded.calls, errors = excluded.errors,
    p50_ms = excluded.p50_ms, p95_ms = excluded.p95_ms, p99_ms = excluded.p99_ms
"""


def sum_up() -> None:
    """Write the sums of this hour anew, and in its first minutes those of the hour before."""
    now = clock.now()
    hour = (now - dt.timedelta(minutes=LATE_MINUTES)).replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP, [hour])


def prune_calls() -> int:
    """Delete calls and sums older than `CALLS_KEPT_DAYS`, in short statements; give how many calls."""
    if not settings.CALLS_KEPT_DAYS:
        return 0
    before = clock.now() - dt.timedelta(days=settings.CALLS_KEPT_DAYS)
    pruned = 0
    while True:
        oldest = Call.objects.filter(began_at__lt=before).order_by("began_at").values("pk")[:BATCH]
        deleted, _by_model = Call.objects.filter(pk__in=oldest).delete()
        pruned += deleted
        if not deleted:
            break
    CallHour.objects.filter(hour__lt=before - dt.timedelta(hours=1)).delete()
    return pruned
