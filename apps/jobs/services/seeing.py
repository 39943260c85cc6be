from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core import clock
from apps.jobs.choices import ACTIVE_STATES
from apps.jobs.models import Job

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


def mark_seen(
    actor: AbstractBaseUser | AnonymousUser, *, until: dt.datetime, job_id: UUID | None = None
) -> int:
    """Note that `actor` saw the end of the own jobs that ended by `until`, of `job_id` alone when given.

    Gives how many were news.
    """
    news = Job.objects.filter(created_by_id=actor.pk, seen_at=None, finished_at__lte=until)
    if job_id is not None:
        news = news.filter(pk=job_id)
    return news.exclude(state__in=ACTIVE_STATES).update(seen_at=clock.now())
