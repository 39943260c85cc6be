"""The database: version, settings, connections, clock, migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from apps.core import clock
from apps.core.doctor.lines import examination, judged
from apps.core.metrics import sharing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.core.doctor.lines import Line

OLDEST, NEWEST = 15, 18
PER_WORKER_PROCESS = 3
PER_BEAT = 2
WARN_SKEW_S, FAIL_SKEW_S = 1.0, 5.0
SHOWN = 3


@examination("postgresql")
def postgresql() -> Iterator[Line]:
    """Ask the server of itself; a wrong time zone of ours would show in every date."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,"
            " pg_encoding_to_char(encoding), current_setting('TimeZone'),"
            " pg_size_pretty(pg_database_size(oid))"
            " FROM pg_database WHERE datname = current_database()"
        )
        version, major, encoding, zone, size = cursor.fetchone()
    yield judged(
        "postgresql.version",
        version,
        f"Use PostgreSQL {OLDEST} to {NEWEST}.",
        fail=major < OLDEST,
        warn=major > NEWEST,
    )
    yield judged(
        "postgresql.encoding", encoding, "Make the database with ENCODING 'UTF8'.", fail=encoding != "UTF8"
    )
    other_zone = zone not in {"UTC", "Etc/UTC"}
    yield judged("postgresql.time_zone", zone, "Let Django set it: TIME_ZONE = 'UTC'.", fail=other_zone)
    yield judged("postgresql.size", size, "")
    yield _clock()
    yield _connections()
    yield _migrations()


def _clock() -> Line:
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    after = clock.now()
    return skew("postgresql.clock", (theirs - (before + (after - before) / 2)).total_seconds())


def skew(name: str, seconds: float) -> Line:
    """Judge the difference between a server's clock and ours."""
    return judged(
        name,
        f"{abs(seconds):.2f} s {'ahead of' if seconds > 0 else 'behind'} this machine",
        "Let all machines keep time by NTP (`timedatectl`): leases and heartbeats compare their clocks.",
        fail=abs(seconds) > FAIL_SKEW_S,
        warn=abs(seconds) > WARN_SKEW_S,
    )


def _connections() -> Line:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
            " FROM pg_stat_activity WHERE backend_type = 'client backend'"
        )
        used, limit = cursor.fetchone()
    wanted, unpooled = _budget()
    return judged(
        "postgresql.connections",
        f"{used} open, up to {wanted} wanted by what runs, {limit} allowed",
        "Web processes x DB_POOL_SIZE + worker processes x 3 + beat 2 must fit: raise max_connections, lower "
        "DB_POOL_SIZE or run fewer processes."
        + (" Set DB_POOL_SIZE for web: without a pool its connections have no limit." if unpooled else ""),
        fail=wanted > limit,
        warn=unpooled,
    )


def _budget() -> tuple[int, bool]:
    """Give the connections that living processes may take, and whether a web process has no pool."""
    try:
        _sums, _marks, alive = sharing.read()
    except (RedisError, OSError):
        return 0, False
    wanted, unpooled = 0, False
    for name, facts in alive.items():
        kind = name.split("@", 1)[0]
        if kind == "web":
            wanted += facts.get("pool_max", 0)
            unpooled = unpooled or "pool_max" not in facts
        elif kind == "worker":
            wanted += facts.get("processes", 1) * PER_WORKER_PROCESS
        elif kind == "beat":
            wanted += PER_BEAT
    return wanted, unpooled


def _migrations() -> Line:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    waiting = [f"{migration.app_label}.{migration.name}" for migration, _back in plan]
    unknown = sorted(
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if (app, name) not in executor.loader.disk_migrations
    )
    if unknown and not waiting:
        return judged(
            "postgresql.migrations",
            f"newer than this code: {', '.join(unknown[:SHOWN])}",
            "Install the version that made them, or restore a backup of this version.",
            fail=True,
        )
    return judged(
        "postgresql.migrations",
        f"{len(waiting)} not applied: {', '.join(waiting[:SHOWN])}" if waiting else "applied",
        "Run `python manage.py migrate`.",
        fail=bool(waiting),
    )
