"""Doing what is due until nothing is: the loop of the queue's worker."""

from __future__ import annotations

import os
import platform
import time
from functools import partial
from typing import TYPE_CHECKING

from apps.core.dispatch import enqueue
from apps.core.outlasting import outlast_database
from apps.integrations.crash import crash_point
from apps.integrations.errors import ExchangeError
from apps.integrations.services.access import accesses_of
from apps.integrations.services.operations.adding import WORK_TASK
from apps.integrations.services.queue.claiming import any_claimable, claim
from apps.integrations.services.queue.finishing import finish
from apps.integrations.services.queue.gate import pass_gate, report
from apps.integrations.services.queue.hands import Hands
from apps.integrations.services.queue.stopping import stop_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from apps.integrations.services.queue.claiming import Claimed
    from apps.integrations.types import Access

THREADS = 24
LOOK_EVERY_S = 0.5
CROWDED_S = 0.05
MOST_CROWDED = 20
MOST_DRAIN_S = 600.0  # then another message takes over: a task has an end


def drain(*, threads: int = THREADS, stop: Callable[[], bool] = stop_asked) -> int:
    """Do operations, `threads` at a time, until nothing is due; give how many attempts ended.

    When asked to stop it takes nothing more and ends when what is in hand has ended and is written.
    """
    until = time.monotonic() + MOST_DRAIN_S
    node = f"{platform.node()}:{os.getpid()}"
    ended = crowded = 0
    with Hands(threads) as hands:
        while True:
            closing = stop() or time.monotonic() > until
            taken = 0 if closing else _take(hands, node)
            crowded = 0 if taken or hands.busy else crowded + 1
            if not hands.busy:
                if closing or crowded > MOST_CROWDED or not outlast_database(any_claimable):
                    break
                time.sleep(CROWDED_S)  # another worker claims on these connections just now
                continue
            verdicts = hands.ended(within_s=LOOK_EVERY_S)
            if verdicts:
                outlast_database(partial(finish, verdicts))
                outlast_database(partial(report, verdicts))
                hands.lay_down(verdicts)
                ended += len(verdicts)
    if closing and not stop():
        enqueue(WORK_TASK, queue="operations")
    return ended


def _take(hands: Hands, node: str) -> int:
    if hands.free <= 0:
        return 0
    claimed = outlast_database(lambda: claim(node, limit=hands.free))
    if not claimed:
        return 0
    crash_point("after_claim")
    let_through, turned_away = outlast_database(lambda: pass_gate(claimed))
    if turned_away:
        outlast_database(lambda: finish(turned_away))
    hands.take(let_through, outlast_database(lambda: _accesses(let_through)))
    return len(claimed)


def _accesses(claimed: Sequence[Claimed]) -> dict[int, Access]:
    """Read how the connections are reached, together; when one cannot be read, each has to ask by itself."""
    try:
        return accesses_of({one.in_hand.connection_id for one in claimed})
    except ExchangeError:
        return {}
