"""Runs the examinations, each within its time."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from django.db import Error, connections
from redis.exceptions import RedisError

from apps.core.doctor import background, machine, postgresql, redis_server, safety, software
from apps.core.doctor.lines import Level, Line, examinations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from apps.core.doctor.lines import Examination

TIMEOUT_S = 15.0
START_POSTGRESQL = "Start PostgreSQL, or set DATABASE_URL to where it runs (unset it for the bundled one)."
START_REDIS = "Start Redis, or set REDIS_URL to where it runs (unset it for the bundled one)."
SEE_NETWORK = "See whether network or firewall swallow the connection, and whether the server is overloaded."
OWN_FAULT = "The installation is not whole, or the doctor is at fault: are the requirements installed?"
FAULTS = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError, ImportError)
# What starts or proves the servers comes before what asks them for figures.
ORDER = ("software", "machine", "postgresql", "redis", "background", "work", "settings")
PARTS: Sequence[ModuleType] = (software, machine, postgresql, redis_server, background, safety)


def examine() -> Iterator[Line]:
    """Give the lines of all examinations, in their order; one that hangs or fails is a line, too."""
    for name in ORDER:
        yield from _bounded(name, examinations[name])


def worst(lines: Sequence[Line]) -> Level:
    return max((line.level for line in lines), default=Level.OK)


def look(name: str, function: Examination) -> list[Line]:
    """Give the lines of one examination; what is not reachable is a failed line."""
    try:
        return list(function())
    except (Error, RedisError, OSError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        redis = isinstance(error, RedisError) or name == "redis"
        return [Line(Level.FAIL, name, f"not reachable: {said}", START_REDIS if redis else START_POSTGRESQL)]
    except FAULTS as error:
        return [Line(Level.FAIL, name, f"could not be examined: {type(error).__name__}: {error}", OWN_FAULT)]


def _bounded(name: str, function: Examination) -> list[Line]:
    found: queue.SimpleQueue[list[Line]] = queue.SimpleQueue()

    def run() -> None:
        try:
            found.put(look(name, function))
        finally:
            connections.close_all()

    threading.Thread(target=run, name=f"doctor-{name}", daemon=True).start()
    try:
        return found.get(timeout=TIMEOUT_S)
    except queue.Empty:
        return [Line(Level.FAIL, name, f"no answer within {TIMEOUT_S:.0f} s", SEE_NETWORK)]
