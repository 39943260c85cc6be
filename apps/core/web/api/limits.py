"""At most so many requests of one caller in any 60 s, counted in Redis for all processes together."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

from apps.core.web.api.repeats import owner_of

if TYPE_CHECKING:
    from redis.commands.core import Script
    from rest_framework.request import Request

WINDOW_MS = 60_000
TIMEOUT_S = 0.2
PAUSE_S = 5.0  # after a failure Redis is not asked again for so long
# A sorted set of the moments (microseconds of the server's clock) of the requests that were let in.
SLIDING_WINDOW = """
local now = redis.call('TIME')
local moment = now[1] * 1000000 + now[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', moment - ARGV[1] * 1000)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[1], moment, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, math.ceil((oldest[2] + ARGV[1] * 1000 - moment) / 1000))
"""
_state = {"away_until": 0.0}


class SlidingWindow(BaseThrottle):
    """`API_REQUESTS_PER_MINUTE` of each user or key; while Redis is away everybody is let in."""

    def __init__(self) -> None:
        self.wait_ms = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = settings.API_REQUESTS_PER_MINUTE
        if limit and request.user.is_authenticated:
            self.wait_ms = wait_ms(owner_of(request), limit)
        return self.wait_ms == 0

    def wait(self) -> float:
        return self.wait_ms / 1000


def wait_ms(owner: str, limit: int) -> int:
    """Count a request of `owner`; give 0 when it is let in, else after how many milliseconds one will be."""
    if time.monotonic() < _state["away_until"]:
        return 0
    try:
        key = f"{settings.REDIS_PREFIX}limit:{owner}"
        return int(_script()(keys=[key], args=[WINDOW_MS, limit, uuid4().hex]))
    except RedisError:
        _state["away_until"] = time.monotonic() + PAUSE_S
        return 0


@cache
def _script() -> Script:
    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
    )
    return client.register_script(SLIDING_WINDOW)
