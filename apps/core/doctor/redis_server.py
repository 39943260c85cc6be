"""Redis: version, what it does when memory runs out, clock."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.core import clock
from apps.core.doctor.lines import examination, judged
from apps.core.doctor.postgresql import skew

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.core.doctor.lines import Line

OLDEST = (6, 2)
TIMEOUT_S = 3.0
FEW_CLIENTS = 1000


@examination("redis")
def redis() -> Iterator[Line]:
    """Ask the server of itself."""
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    with closing(client):
        info: dict[str, Any] = client.info()
        before = clock.now().timestamp()
        seconds, microseconds = client.time()
        after = clock.now().timestamp()
    yield from judge(info)
    yield skew("redis.clock", seconds + microseconds / 1e6 - (before + after) / 2)


def judge(info: dict[str, Any]) -> Iterator[Line]:
    """Judge what INFO says."""
    version = str(info["redis_version"])
    yield judged(
        "redis.version",
        version,
        f"Use Redis {'.'.join(map(str, OLDEST))} or newer.",
        fail=tuple(int(part) for part in version.split(".")[:2]) < OLDEST,
    )
    policy, limit = info.get("maxmemory_policy", "unknown"), int(info.get("maxmemory", 0))
    yield judged(
        "redis.memory",
        f"{info.get('used_memory_human', '?')} used, "
        f"limit {info.get('maxmemory_human') if limit else 'none'}, policy {policy}",
        "Set maxmemory-policy to noeviction: any other throws waiting messages away when memory runs out.",
        warn=bool(limit) and policy != "noeviction",
    )
    kept = bool(int(info.get("aof_enabled", 0)))
    yield judged(
        "redis.persistence",
        "append-only file" if kept else "none (needs none: what must last is in PostgreSQL)",
        "",
    )
    clients = int(info.get("maxclients", FEW_CLIENTS))
    yield judged(
        "redis.clients",
        f"{info.get('connected_clients')} of {clients}",
        f"Raise maxclients to {FEW_CLIENTS} or more.",
        warn=clients < FEW_CLIENTS,
    )
