"""Whether the broker still remembers what it was sent; one that was emptied or started anew does not.

The mark names the run of the server: one that keeps its data on the disk comes back with an old mark and
without the messages since it last wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = "broker-remembers"
TIMEOUT_S = 2.0


def broker_forgot() -> bool:
    """Tell whether the mark of `broker_was_told` is gone or of an earlier run; False while it is away."""
    return _ask(lambda client: client.get(_key()) != _run_of(client)) or False


def broker_was_told() -> None:
    """Leave the mark, after everything that waits was sent to the broker (once more)."""
    _ask(lambda client: bool(client.set(_key(), _run_of(client))))


def _ask(question: Callable[[Redis], bool]) -> bool | None:
    try:
        with Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),  # the next sweep comes soon
            decode_responses=True,
        ) as client:
            return question(client)
    except (RedisError, OSError):
        return None


def _run_of(client: Redis) -> str:
    facts: dict[str, str] = client.info("server")
    return str(facts["run_id"])


def _key() -> str:
    return f"{settings.REDIS_PREFIX}{MARK}"
