"""People who read and ask for work all the time."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from tests.force.site import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.force.site import Answer, Site


class Visitors:
    """People who read and ask for work all the time, and remember what they were told."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.answers: list[Answer] = []
        self.promised: list[str] = []
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(work,)) for work in self._work()]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()

    @property
    def refusals(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.status == HTTPStatus.SERVICE_UNAVAILABLE]

    def wait_for_promises(self, count: int = 3) -> None:
        before = len(self.promised)
        wait_for(lambda: len(self.promised) >= before + count, what="the load")

    def wait_for_refusals(self) -> None:
        before = len(self.refusals)
        wait_for(lambda: len({answer.kind for answer in self.refusals[before:]}) > 1, what="the refusals")

    def _work(self) -> list[Callable[[], None]]:
        return [self._read_page, self._read_api, self._ask]

    def _visit(self, work: Callable[[], None]) -> None:
        while not self._closing.wait(0.05):
            work()

    def _read_page(self) -> None:
        self.answers.append(self.site.get("/jobs/"))

    def _read_api(self) -> None:
        self.answers.append(self.site.get("/api/v1/jobs/"))

    def _ask(self) -> None:
        jobs, answer = self.site.try_to_start({"work_s": 0.05})
        self.answers.append(answer)
        self.promised += jobs
        time.sleep(0.1)
