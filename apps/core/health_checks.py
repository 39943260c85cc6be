"""The checks of what every installation has: database, cache, sign-in, partitions; higher apps add theirs."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection

from apps.core.health import Finding, Health, health_check
from apps.core.partitions import partition_faults


@health_check("database", vital=True)
def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity")
        connections, limit = cursor.fetchone()
    return Finding(Health.HEALTHY, {"connections": connections, "max_connections": limit})


@health_check("cache")
def cache_round_trip() -> Finding:
    token = uuid4().hex
    cache.set(f"health:{token}", token, timeout=5)
    same = cache.get(f"health:{token}") == token
    return Finding(Health.HEALTHY if same else Health.DEGRADED)


@health_check("authentication")
def authentication() -> Finding:
    """Degraded while nobody could sign in."""
    people = get_user_model().objects.filter(is_active=True).count()
    return Finding(Health.HEALTHY if people else Health.DEGRADED, {"active_users": people})


@health_check("partitions")
def partitions() -> Finding:
    """Degraded while a partitioned table lacks a month soon needed, or rows fell into a default partition."""
    faults = partition_faults()
    figures = {
        "missing": sum(len(fault.missing_months) for fault in faults),
        "default_holds_rows": sum(fault.default_holds_rows for fault in faults),
    }
    return Finding(Health.DEGRADED if faults else Health.HEALTHY, figures)
