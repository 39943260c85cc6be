"""Starting the work of a job that came to nothing once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core.errors import ConflictError, NotFoundError
from apps.core.locks import advisory_lock
from apps.core.phrases import Phrase
from apps.jobs.choices import REPEATABLE_STATES
from apps.jobs.models import Job
from apps.jobs.registry import find_kind
from apps.jobs.selectors import visible_jobs
from apps.jobs.services.noting import name_of, note

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

STARTED_AGAIN = gettext_noop("Started again by %(person)s, as another job.")
REPEATS = gettext_noop("Repeats an earlier job, as %(person)s asked.")


@transaction.atomic
def repeat(job_id: UUID, *, actor: AbstractBaseUser | AnonymousUser) -> Job:
    """Start the work of a failed or cancelled job again for `actor` and give the new job.

    Asked twice, it gives the job that the first time made. What the actor may do is checked by the service
    that started the work. Raises `NotFoundError`, and `ConflictError` when the job cannot be repeated.
    """
    advisory_lock(f"job-repeat:{job_id}")
    job = visible_jobs(actor).filter(pk=job_id).first()
    if job is None:
        raise NotFoundError(_("There is no such job."))
    if job.state not in REPEATABLE_STATES:
        raise ConflictError(_("Only a job that failed or was stopped can be started again."))
    made = job.repeats.first()
    if made is not None:
        return made
    kind = find_kind(job.kind)
    if kind is None or kind.repeat is None:
        raise ConflictError(_("Work of this kind cannot be started again from here."))
    made = kind.repeat(job, actor)
    Job.objects.filter(pk=made.pk).update(repeat_of=job)
    note(job, Phrase(STARTED_AGAIN, {"person": name_of(actor)}))
    note(made, Phrase(REPEATS, {"person": name_of(actor)}))
    record(action="job.repeated", obj=job, actor=actor, after={"repeat": str(made.pk)})
    return Job.objects.get(pk=made.pk)
