"""Runs that start by themselves: a sweep claims what is due, so any number of beats start each once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from django.db import transaction

from apps.core import clock
from apps.core.errors import DomainError
from apps.integrations.choices import Dialect, Recurrence, System, Weekday
from apps.integrations.models import RunSchedule
from apps.integrations.models.schedule import LAST
from apps.integrations.registry import find_purpose
from apps.integrations.services.recurrence import next_due
from apps.integrations.services.runs import start_run

if TYPE_CHECKING:
    from apps.integrations.models import Connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Usual:
    """A schedule that a new connection of a system begins with, in `dialects` if given, else in each."""

    purpose: str
    at: dt.time
    recurrence: Recurrence = Recurrence.DAILY
    weekday: int | None = None
    nth: int | None = None
    dialects: tuple[str, ...] = ()


USUAL = {
    System.ONEC: (
        Usual("onec.personnel", dt.time(3, 0)),
        Usual("onec.month", dt.time(1, 30), Recurrence.MONTHLY, Weekday.SATURDAY, LAST, (Dialect.ZUP,)),
    )
}


def set_next(schedule: RunSchedule) -> None:
    """Set when a schedule is due next, as seen from now; the caller saves it."""
    schedule.next_at = next_due(schedule, clock.now())
    schedule.failures = 0


def add_usual_schedules(connection: Connection) -> None:
    """Give a new connection the schedules that its system usually has, of purposes that are there."""
    for usual in USUAL.get(System(connection.system), ()):
        if find_purpose(usual.purpose) is None:
            continue
        if usual.dialects and connection.dialect not in usual.dialects:
            continue
        schedule = RunSchedule(
            connection=connection,
            purpose=usual.purpose,
            at=usual.at,
            recurrence=usual.recurrence,
            weekday=usual.weekday,
            nth=usual.nth,
        )
        set_next(schedule)
        schedule.save()


def start_due() -> int:
    """Start what is due and give how many runs that were; what was missed is started once."""
    started = 0
    while (claimed := _start_one()) is not None:
        started += claimed
    return started


@transaction.atomic
def _start_one() -> int | None:
    """Claim one due schedule, set its next time and start its run, together; None when nothing is due."""
    now = clock.now()
    due = RunSchedule.objects.filter(is_enabled=True, next_at__lte=now, connection__is_active=True)
    schedule = (
        due.select_related("connection")
        .order_by("next_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if schedule is None:
        return None
    schedule.last_at = schedule.next_at
    schedule.next_at = next_due(schedule, now)
    schedule.save(update_fields=["last_at", "next_at"])
    try:
        with transaction.atomic():
            run = start_run(schedule.connection, schedule.purpose, actor=None, options=schedule.options)
            run.schedule = schedule
            run.save(update_fields=["schedule"])
    except DomainError as refusal:  # the run before still runs, or nobody does this any more
        log.warning("scheduled_run_refused", schedule=schedule.pk, reason=str(refusal))
        return 0
    return 1
