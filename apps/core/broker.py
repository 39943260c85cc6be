"""Whether the broker still remembers what it was sent; one that was emptied or restarted does not."""

from __future__ import annotations

from django.core.cache import cache
from redis.exceptions import RedisError

MARK = "broker-remembers"


def broker_forgot() -> bool:
    """Tell whether the mark that `broker_was_told` left is gone; False while the broker is away."""
    try:
        return cache.get(MARK) is None
    except (RedisError, OSError):
        return False


def broker_was_told() -> None:
    """Leave the mark, after everything that waits was sent to the broker (once more)."""
    try:
        cache.set(MARK, 1, timeout=None)
    except (RedisError, OSError):
        return  # gone again: the next sweep sends once more
