from __future__ import annotations

from typing import TYPE_CHECKING

from apps.jobs.choices import ACTIVE_STATES
from apps.jobs.models import Job
from apps.jobs.policies import visible_to

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet


def visible_jobs(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Job]:
    """Give the jobs that `user` may see, newest first."""
    return Job.objects.filter(visible_to(user))


def active_job(dedupe_key: str) -> Job | None:
    """Give the job that runs or waits under `dedupe_key`."""
    return Job.objects.filter(dedupe_key=dedupe_key, state__in=ACTIVE_STATES).first()


def latest_job(dedupe_key: str) -> Job | None:
    """Give the newest job under `dedupe_key`, finished or not."""
    return Job.objects.filter(dedupe_key=dedupe_key).order_by("-created_at").first()
