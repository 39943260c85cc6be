"""A scheduled run that failed for a passing reason does not wait for its next day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from apps.core import clock
from apps.integrations.choices import FailureClass
from apps.integrations.models import RunSchedule

if TYPE_CHECKING:
    from apps.integrations.models import Run

RETRY_AFTER_MINUTES = (5, 15, 60)


@transaction.atomic
def note_end(run: Run, failure: str) -> None:
    """Let a scheduled run that failed for a passing reason be tried again after 5, 15 and 60 minutes."""
    if run.schedule_id is None:
        return
    schedule = RunSchedule.objects.select_for_update(of=("self",)).filter(pk=run.schedule_id).first()
    if schedule is None:
        return
    if failure != FailureClass.RETRY or schedule.failures >= len(RETRY_AFTER_MINUTES):
        schedule.failures = 0
    else:
        again = clock.now() + dt.timedelta(minutes=RETRY_AFTER_MINUTES[schedule.failures])
        schedule.failures += 1
        schedule.next_at = min(again, schedule.next_at or again)
    schedule.save(update_fields=["failures", "next_at"])
