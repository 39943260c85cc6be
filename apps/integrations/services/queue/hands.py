"""The threads of a drain: one takes what is claimed and does it, one keeps the leases alive."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Self

import structlog
from django.db import connection

from apps.core.outlasting import DATABASE_AWAY
from apps.integrations.services.queue.beating import BEAT_EVERY_S, beat
from apps.integrations.services.queue.doing import attempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.integrations.services.queue.claiming import Claimed
    from apps.integrations.services.queue.judging import Verdict
    from apps.integrations.types import Access

log = structlog.get_logger(__name__)


class Hands:
    """At most `most` threads that do operations, each with a database connection of its own.

    What is in hand is kept alive by one more thread until its verdict was collected and `laid_down`.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._todo: SimpleQueue[tuple[Claimed, Mapping[int, Access]] | None] = SimpleQueue()
        self._ended: SimpleQueue[Verdict] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._held: dict[tuple[int, int], Claimed] = {}
        self._closed = threading.Event()
        self._heart = threading.Thread(target=self._keep_alive, name="operations-heart", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        for _thread in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()
        self._closed.set()
        if self._heart.is_alive():
            self._heart.join()

    @property
    def busy(self) -> int:
        return len(self._held)

    @property
    def free(self) -> int:
        return self.most - self.busy

    def take(self, claimed: list[Claimed], accesses: Mapping[int, Access]) -> None:
        """Begin to do operations; no more than are `free`."""
        for one in claimed:
            self._held[one.operation_id, one.attempt] = one
        while len(self._threads) < min(self.busy, self.most):
            thread = threading.Thread(target=self._work, name=f"operations-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        if claimed and not self._heart.is_alive():
            self._heart.start()
        for one in claimed:
            self._todo.put((one, accesses))

    def ended(self, *, within_s: float) -> list[Verdict]:
        """Give what has ended; when nothing has, wait for it that long."""
        verdicts: list[Verdict] = []
        try:
            verdicts.append(self._ended.get(timeout=within_s))
            while True:
                verdicts.append(self._ended.get_nowait())
        except Empty:
            return verdicts

    def lay_down(self, verdicts: list[Verdict]) -> None:
        """Let go of what is written."""
        for verdict in verdicts:
            self._held.pop((verdict.claimed.operation_id, verdict.claimed.attempt), None)

    def _work(self) -> None:
        try:
            for claimed, accesses in iter(self._todo.get, None):
                self._ended.put(attempt(claimed, accesses))
        finally:
            connection.close()

    def _keep_alive(self) -> None:
        try:
            while not self._closed.wait(BEAT_EVERY_S):
                try:
                    beat(list(self._held.values()))
                except DATABASE_AWAY as error:
                    connection.close()  # the next beat takes a new one
                    log.warning("operations_heart_missed", error=str(error))
        finally:
            connection.close()
