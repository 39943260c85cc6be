"""The beat: any number of them may run, each tick is sent once, and none ends when a server is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from celery.beat import SchedulingError
from celery.utils.time import maybe_make_aware
from django.db import DatabaseError, InterfaceError, close_old_connections, transaction
from django.db.models import F
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from django_celery_beat.models import PeriodicTask
    from django_celery_beat.schedulers import ModelEntry

RETRY_AFTER_S = 1.0
BROKER_AWAY = (OperationalError, RedisError, OSError)
log = structlog.get_logger(__name__)


class OnceScheduler(DatabaseScheduler):  # type: ignore[misc]  # the package has no types
    """A tick is claimed in the row of its periodic task and sent in the same transaction.

    So a second beat finds the row not due and sends nothing; a beat that dies in between has neither claimed
    nor, but for a moment, sent it; and a tick that the broker did not take stays due.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        try:
            return float(super().tick(*args, **kwargs))
        except (DatabaseError, InterfaceError, *BROKER_AWAY) as error:
            log.warning("beat_server_away", error=f"{type(error).__name__}: {error}")
        close_old_connections()
        self._initial_read, self._heap = True, None  # read the rows again: they hold what was sent
        return RETRY_AFTER_S

    def reserve(self, entry: ModelEntry) -> ModelEntry:
        return next(entry)

    def sync(self) -> None:
        """Write nothing: the claims have written when each task was last sent."""

    def apply_entry(self, entry: ModelEntry, producer: Any = None) -> None:
        with transaction.atomic():
            rows = self.Model.objects.select_for_update(of=("self",)).select_related(None)
            row = rows.filter(pk=entry.model.pk, enabled=True).first()
            if row is None or not self._still_due(entry, row):
                return
            self._send(entry, producer)
            self.Model.objects.filter(pk=row.pk).update(
                last_run_at=entry.model.last_run_at, total_run_count=F("total_run_count") + 1
            )

    def _still_due(self, entry: ModelEntry, row: PeriodicTask) -> bool:
        if row.one_off and row.total_run_count:
            return False
        if row.last_run_at is None:
            return True
        last = maybe_make_aware(row.last_run_at).astimezone(self.app.timezone)
        return bool(entry.schedule.is_due(last).is_due)

    def _send(self, entry: ModelEntry, producer: Any) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            if isinstance(error.__context__, BROKER_AWAY):
                raise error.__context__ from None
            log.exception(
                "periodic_task_not_sent", task=entry.task
            )  # its own fault: not in the way of others
