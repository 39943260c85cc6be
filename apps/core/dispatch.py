"""Tasks are sent by name when the transaction commits, so that services never import tasks."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Literal

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

Queue = Literal["interactive", "optimise", "integrate", "operations", "bulk"]
SLOW_S = 1.0
PAUSE_S = 5.0  # after a failure that cost time: a page that sends ten messages waits once, not ten times
log = structlog.get_logger(__name__)
_state = {"hangs_until": 0.0}


def enqueue(task_name: str, *args: Any, queue: Queue = "interactive", **kwargs: Any) -> None:
    """Send task `task_name` to `queue` once the current transaction has committed (at once outside one).

    The message is only a wake-up. A broker that is away is logged and survived, and one that hangs is not
    asked again for `PAUSE_S`: what must not be lost is a row, and the sweeps find it.
    """
    transaction.on_commit(partial(_send, task_name, args, queue, kwargs))


def _send(task_name: str, args: tuple[Any, ...], queue: Queue, kwargs: dict[str, Any]) -> None:
    began = time.monotonic()
    if began < _state["hangs_until"]:
        log.warning("broker_unreachable", task=task_name, queue=queue, error="it hung a moment ago")
        return
    try:
        # Without a result the result store is not asked: when it is away Celery gives up on it for good.
        current_app.send_task(
            task_name, args=args, kwargs=kwargs, queue=queue, retry=False, ignore_result=True
        )
    except (OperationalError, RedisError, OSError) as error:
        if time.monotonic() - began > SLOW_S:
            _state["hangs_until"] = time.monotonic() + PAUSE_S
        log.warning("broker_unreachable", task=task_name, queue=queue, error=str(error))
