from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.audit.services import record
from apps.core.dispatch import Queue, enqueue
from apps.core.errors import ConflictError
from apps.core.locks import advisory_lock
from apps.jobs.models import Job
from apps.jobs.registry import find_handler
from apps.jobs.selectors import active_job

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.base_user import AbstractBaseUser

    from apps.core.phrases import Phrase

SENT_TASK = "jobs.run"


@transaction.atomic
def start(
    kind: str,
    *,
    params: dict[str, Any],
    actor: AbstractBaseUser | None,
    title: Phrase,
    queue: Queue = "optimise",
    dedupe_key: str = "",
) -> Job:
    """Write a job in the caller's transaction and wake a worker when that commits; no actor is the system.

    With a `dedupe_key` one job of that key is active at a time: a second one is refused with `ConflictError`,
    whose `extra` names the first (`job_id`, `job_url`).
    """
    find_handler(kind)
    if dedupe_key:
        advisory_lock(f"job:{dedupe_key}")  # two starts at once: the second one waits, then sees the first
        refuse_second(dedupe_key)
    job = Job.objects.create(
        kind=kind,
        params=params,
        created_by_id=None if actor is None else actor.pk,
        as_system=actor is None,
        title=title,
        language=get_language() or "",
        queue=queue,
        dedupe_key=dedupe_key,
    )
    record(action="job.started", obj=job, actor=actor, after={"kind": kind, "params": params})
    enqueue(SENT_TASK, str(job.pk), queue=queue)
    return job


def refuse_second(dedupe_key: str, *, besides: UUID | None = None) -> None:
    """Refuse while a job of `dedupe_key` other than `besides` is active; the `ConflictError` names it."""
    active = active_job(dedupe_key)
    if active is not None and active.pk != besides:
        raise ConflictError(
            _("This is being done already: %(title)s.") % {"title": active.title},
            job_id=str(active.pk),
            job_url=reverse("jobs:detail", args=[active.pk]),
        )
