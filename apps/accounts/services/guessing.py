"""Passwords are not guessed: after so many failures of a name or an address nobody is asked for a while."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW_S = 300
TIMEOUT_S = 0.2


def wait_s(username: str, request: Any) -> int:
    """Give after how many seconds this name may be tried from this address; 0 is now.

    A look at Redis, before the slow hash of a password; while Redis is away nobody waits.
    """
    try:
        for key, most in _counted(username, request):
            if int(cast("Any", _redis().get(key)) or 0) >= most:
                return max(1, int(cast("Any", _redis().ttl(key))))
    except RedisError:
        return 0
    return 0


def note_failure(username: str, request: Any) -> None:
    """Count a wrong password; the count of a name and of an address ends `WINDOW_S` after its first."""
    try:
        for key, _most in _counted(username, request):
            with _redis().pipeline() as pipe:
                pipe.set(key, 0, ex=WINDOW_S, nx=True)
                pipe.incr(key)
                pipe.execute()
    except RedisError:
        return


def _counted(username: str, request: Any) -> Iterator[tuple[str, int]]:
    """Give the keys to count under, with the failures that each allows."""
    name = hashlib.sha256(username.casefold().encode()).hexdigest()[:32]
    yield f"{settings.REDIS_PREFIX}failed:name:{name}", settings.SIGN_IN_FAILURES_OF_NAME
    address = getattr(request, "META", {}).get("REMOTE_ADDR")
    if address:
        yield f"{settings.REDIS_PREFIX}failed:address:{address}", settings.SIGN_IN_FAILURES_OF_ADDRESS


@cache
def _redis() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
    )
