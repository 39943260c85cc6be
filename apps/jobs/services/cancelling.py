from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core import clock
from apps.core.errors import ConflictError, NotFoundError
from apps.core.locks import lock_rows
from apps.core.phrases import Phrase
from apps.jobs.choices import JobState
from apps.jobs.selectors import visible_jobs
from apps.jobs.services.noting import name_of, note

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from apps.jobs.models import Job

STOPPED = gettext_noop("Stopped by %(person)s.")
ASKED_TO_STOP = gettext_noop("Asked to stop by %(person)s.")


@transaction.atomic
def cancel(job_id: UUID, *, actor: AbstractBaseUser | AnonymousUser) -> Job:
    """Cancel a waiting job at once, ask a running one to stop; a finished one is a `ConflictError`."""
    found = lock_rows(visible_jobs(actor).filter(pk=job_id))
    if not found:
        raise NotFoundError(_("There is no such job."))
    job = found[0]
    if not job.is_active:
        raise ConflictError(_("The job has ended already."))
    job.cancel_requested = True
    if job.state == JobState.QUEUED:
        job.state = JobState.CANCELLED
        job.finished_at = clock.now()
    job.save(update_fields=["cancel_requested", "state", "finished_at"])
    said = STOPPED if job.state == JobState.CANCELLED else ASKED_TO_STOP
    note(job, Phrase(said, {"person": name_of(actor)}))
    record(action="job.cancelled", obj=job, actor=actor, after={"state": job.state})
    return job
