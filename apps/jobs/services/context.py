from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self

import structlog
from django.db import connection

from apps.core import clock
from apps.core.locks import lock_rows
from apps.core.outlasting import DATABASE_AWAY
from apps.core.phrases import Phrase
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import JobCancelled, JobLost
from apps.jobs.services.noting import line_of, noted
from apps.jobs.services.outcomes import failed, held, succeeded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from apps.jobs.services.outcomes import Outcome

LOOK_EVERY_S = 1.0
HEARTBEAT_EVERY_S = 5.0
PROGRESS_EVERY_S = 0.5
MOST_STAGES = 50
log = structlog.get_logger(__name__)


class RunningJob:
    """The context of a claimed job; while it is open, a thread beats and looks whether to stop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._ours = held(job)
        self._stage = job.stage
        self._stages: list[dict[str, Any]] = list(job.stages)
        self._written_at = float("-inf")
        self._untold: list[str] = []
        self._stop_asked = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job-{job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._closed.set()
        self._thread.join()

    @property
    def job_id(self) -> UUID:
        return self._job.pk

    @property
    def params(self) -> Mapping[str, Any]:
        params: Mapping[str, Any] = self._job.params
        return params

    @property
    def actor_id(self) -> int | None:
        return self._job.created_by_id

    def progress(self, fraction: float, stage: Phrase | None = None) -> None:
        new_stage = stage or self._stage
        now = time.monotonic()
        if new_stage == self._stage and now - self._written_at < PROGRESS_EVERY_S:
            return
        told_at = clock.now()
        told: dict[str, Any] = {"progress": min(max(fraction, 0.0), 1.0), "progress_at": told_at}
        if new_stage != self._stage:
            began = {
                "stage": new_stage.as_json(),
                "began_at": told_at.isoformat(),
                "attempt": self._job.attempts,
            }
            self._stages = [*self._stages, began][-MOST_STAGES:]
            told |= {"stage": new_stage, "stages": self._stages}
        self._stage, self._written_at = new_stage, now
        self._tell(told)

    def log(self, line: str) -> None:
        self._untold.append(line_of(line))
        if self._tell({"log": noted(self._untold)}):
            self._untold.clear()

    def cancelled(self) -> bool:
        return self._stop_asked.is_set()

    def check_cancelled(self) -> None:
        if self.cancelled():
            raise JobCancelled

    def conclude(self, result: Mapping[str, Any] | None = None) -> None:
        self._end(succeeded(result))

    def refuse(self, reason: str | Phrase) -> None:
        self._end(failed(reason if isinstance(reason, Phrase) else Phrase.plain(reason)))

    def _tell(self, facts: dict[str, Any]) -> bool:
        """Write what is only information, and tell whether it is written.

        The work does not fail with a database that is away for a while.
        """
        try:
            self._ours.update(**facts)
        except DATABASE_AWAY as error:
            if connection.in_atomic_block:
                raise
            connection.close()  # the work's next query takes a new one
            log.warning("job_progress_untold", job=str(self._job.pk), error=str(error))
            return False
        return True

    def _end(self, outcome: Outcome) -> None:
        rows = lock_rows(self._ours.all())
        if not rows:
            raise JobLost
        if rows[0].cancel_requested:
            raise JobCancelled
        self._ours.update(**outcome)

    def _beat(self) -> None:
        beaten_at = time.monotonic()
        try:
            while not self._closed.wait(LOOK_EVERY_S):
                due = time.monotonic() - beaten_at >= HEARTBEAT_EVERY_S
                try:
                    self._look(beat=due)
                except DATABASE_AWAY:
                    connection.close()  # the next look takes a new one
                    continue
                if due:
                    beaten_at = time.monotonic()
        finally:
            connection.close()

    def _look(self, *, beat: bool) -> None:
        if beat:
            self._ours.update(heartbeat_at=clock.now())
        row = Job.objects.filter(pk=self._job.pk).values("state", "attempts", "cancel_requested").first()
        if row is None:
            return  # not committed yet, so nobody can have asked
        lost = row["state"] != JobState.RUNNING or row["attempts"] != self._job.attempts
        if lost or row["cancel_requested"]:
            self._stop_asked.set()
