from __future__ import annotations

from typing import TYPE_CHECKING

from apps.jobs.choices import ACTIVE_STATES, JobState
from apps.jobs.models import Job
from apps.jobs.policies import visible_to
from apps.jobs.registry import kind_label

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

HEAVY = ("log", "params", "result", "stages")  # what a list does not show


def visible_jobs(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Job]:
    """Give the jobs that `user` may see, newest first."""
    return Job.objects.filter(visible_to(user))


def listed_jobs(
    user: AbstractBaseUser | AnonymousUser, *, state: str = "", kind: str = "", owner: str = ""
) -> QuerySet[Job]:
    """Give the jobs that `user` may see, newest first; `owner` is `mine` or anybody.

    A state that means nothing is no filter.
    """
    rows = visible_jobs(user).select_related("created_by").order_by("-created_at")
    if state in JobState.values:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(created_by_id=user.pk) if owner == "mine" else rows


def active_job(dedupe_key: str) -> Job | None:
    """Give the job that runs or waits under `dedupe_key`."""
    return Job.objects.filter(dedupe_key=dedupe_key, state__in=ACTIVE_STATES).first()


def latest_job(dedupe_key: str) -> Job | None:
    """Give the newest job under `dedupe_key`, finished or not."""
    return Job.objects.filter(dedupe_key=dedupe_key).order_by("-created_at").first()


def jobs_of_person(user: AbstractBaseUser | AnonymousUser, *, limit: int = 8) -> list[Job]:
    """Give the newest own jobs of `user`; one query by an index, cheap enough to be asked by every page."""
    return list(Job.objects.filter(created_by_id=user.pk).order_by("-created_at").defer(*HEAVY)[:limit])


def kinds_of_jobs(user: AbstractBaseUser | AnonymousUser) -> list[tuple[str, str]]:
    """Give the kinds of the jobs that `user` may see, with their names, in the order of these."""
    kinds = visible_jobs(user).order_by().values_list("kind", flat=True).distinct()
    return sorted(((kind, kind_label(kind)) for kind in kinds), key=lambda pair: pair[1])
