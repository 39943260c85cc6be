from __future__ import annotations

import datetime as dt

from django.conf import settings

from apps.core import clock
from apps.jobs.choices import ACTIVE_STATES
from apps.jobs.models import Job

BATCH = 500
MOST_BATCHES = 200  # the rest is for the next night


def prune() -> int:
    """Delete jobs that ended more than `JOBS_KEPT_DAYS` ago, in short transactions; give how many."""
    if settings.JOBS_KEPT_DAYS <= 0:
        return 0
    before = clock.now() - dt.timedelta(days=settings.JOBS_KEPT_DAYS)
    old = Job.objects.filter(finished_at__lt=before).exclude(state__in=ACTIVE_STATES)
    deleted = 0
    for _batch in range(MOST_BATCHES):
        keys = list(old.order_by("finished_at").values_list("pk", flat=True)[:BATCH])
        Job.objects.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < BATCH:
            break
    return deleted
