"""The figures of all processes in Redis: sums, times of what happened last, and who lives.

A thread of each process adds its sums every few seconds, so no request waits for Redis. While Redis is away
the sums stay in the process (their number is bounded); what a killed process had not added yet is lost, and
after Redis was flushed sums begin at zero again, which monitors take as the restart of a counter.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from apps.core import clock
from apps.core.metrics.tally import tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHARE_EVERY_S = 5.0
ALIVE_S = 20.0  # without a sign of life for so long a process is no longer counted
REDIS_TIMEOUT_S = 2.0


class _Process:
    """What others see of a process; made anew after a fork."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self.facts: Callable[[], Mapping[str, Any]] = dict
        self.marks: dict[str, float] = {}
        self.client: Redis | None = None
        self.thread: threading.Thread | None = None
        self.stop = threading.Event()
        self.lock = threading.Lock()

    def forget(self) -> None:
        self.__init__()  # type: ignore[misc]

    def redis(self) -> Redis:
        if self.client is None:
            self.client = Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=REDIS_TIMEOUT_S,
                socket_connect_timeout=REDIS_TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),  # by default it tries for seconds; the next sharing comes soon
                decode_responses=True,
            )
        return self.client


process = _Process()
os.register_at_fork(after_in_child=process.forget)


def announce(kind: str, facts: Callable[[], Mapping[str, Any]] = dict) -> None:
    """Say what this process is ("web", "worker", "beat"); `facts` (JSON) are asked at every sharing."""
    process.kind, process.facts = kind, facts
    keep_sharing()


def mark(name: str) -> None:
    """Remember that `name` happened now."""
    process.marks[name] = clock.now().timestamp()
    keep_sharing()


def keep_sharing() -> None:
    """Start the thread that shares, unless this process has it."""
    if process.thread is not None:
        return
    with process.lock:
        if process.thread is None:
            process.thread = threading.Thread(target=_share_on, name="metrics", daemon=True)
            process.thread.start()


def _share_on() -> None:
    stop = process.stop
    while not stop.wait(SHARE_EVERY_S):
        flush()


def flush() -> bool:
    """Add this process's sums to the shared ones now; tell whether Redis took them."""
    sums, marks = tally.take(), dict(process.marks)
    try:
        _write(sums, marks)
    except (RedisError, OSError):
        tally.add(sums.items())
        return False
    return True


def _write(sums: Mapping[str, float], marks: Mapping[str, float]) -> None:
    now = clock.now().timestamp()
    with process.redis().pipeline(transaction=True) as pipe:
        for name, amount in sums.items():
            pipe.hincrbyfloat(key("sums"), name, amount)
        if marks:
            pipe.hset(key("marks"), mapping={name: str(at) for name, at in marks.items()})
        if process.kind is not None:
            name = f"{process.kind}@{socket.gethostname()}:{os.getpid()}"
            pipe.zadd(key("alive"), {name: now})
            pipe.hset(key("facts"), name, json.dumps(dict(process.facts())))
        pipe.execute()


def read() -> tuple[Mapping[str, float], Mapping[str, float], Mapping[str, dict[str, Any]]]:
    """Give the sums and the marks (seconds since 1970) of all processes, and the facts of those alive.

    A living process is named "kind@machine:pid". Raises `RedisError` or `OSError` when Redis is away.
    """
    client = process.redis()
    horizon = clock.now().timestamp() - ALIVE_S
    sums: Mapping[str, str] = client.hgetall(key("sums"))  # type: ignore[assignment]
    marks: Mapping[str, str] = client.hgetall(key("marks"))  # type: ignore[assignment]
    dead: list[str] = client.zrangebyscore(key("alive"), "-inf", horizon)  # type: ignore[assignment]
    if dead:
        client.zrem(key("alive"), *dead)
        client.hdel(key("facts"), *dead)
    alive: list[str] = client.zrangebyscore(key("alive"), horizon, "+inf")  # type: ignore[assignment]
    facts = {name: client.hget(key("facts"), name) for name in alive}
    return (
        {name: float(amount) for name, amount in sums.items()},
        {name: float(at) for name, at in marks.items()},
        {name: json.loads(str(text)) for name, text in facts.items() if text},
    )


def key(name: str) -> str:
    return f"{settings.REDIS_PREFIX}metrics:{name}"


def _at_exit() -> None:
    process.stop.set()
    if process.thread is not None:
        with contextlib.suppress(RedisError, OSError):
            flush()


atexit.register(_at_exit)
