"""A person decides on a plan that waits: apply it, with or without those who vanished, or decline it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core.errors import ConflictError, NotFoundError
from apps.core.locks import advisory_lock
from apps.core.phrases import Phrase
from apps.integrations.choices import RunState
from apps.integrations.models import PlannedChange, Run
from apps.integrations.policies import require_operating
from apps.integrations.services.personnel.applying import Applied, apply_changes, decline_changes
from apps.integrations.services.personnel.reconciling import PERSONNEL
from apps.integrations.services.runs import finish, page_of
from apps.jobs.services import start
from apps.organization.services.personnel import LOCK

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext

APPLY_JOB = "integrations.apply_personnel"
TITLE = gettext_noop("Apply the changes of people of %(connection)s")


@transaction.atomic
def decide(run_id: int, *, approve: bool, with_vanished: bool = True, actor: User | None) -> Job | None:
    """Decline a waiting plan, or start the job that applies it.

    `with_vanished` false leaves those alone whom the answer did not name.
    Raises `NotFoundError`, `NotAllowedError`, and `ConflictError` for a plan that does not wait (any more).
    """
    require_operating(actor)
    run = _waiting(run_id)
    decision = {"approve": approve, "with_vanished": with_vanished}
    record(action="run.decide", obj=run, actor=actor, after=decision)
    if not approve:
        decline_changes(run_id)
        finish(run, RunState.CANCELLED)
        return None
    params = {"run": run_id, "with_vanished": with_vanished}
    title = Phrase(TITLE, {"connection": run.connection.name})
    key = f"{APPLY_JOB}:{run_id}"
    return start(APPLY_JOB, params=params, actor=actor, title=title, queue="integrate", dedupe_key=key)


@transaction.atomic
def apply_decision(run_id: int, *, with_vanished: bool, actor: User | None) -> Applied:
    """Apply a waiting plan; one that was applied meanwhile is a `ConflictError`."""
    require_operating(actor)
    run = _waiting(run_id)
    changes = list(PlannedChange.objects.filter(run=run))
    applied = apply_changes(
        run_id,
        changes,
        Applied(dict(run.counts), list(run.problems)),
        approved_by=actor,
        with_vanished=with_vanished,
    )
    finish(Run.objects.get(pk=run_id), RunState.DONE)
    return applied


@transaction.atomic
def do_apply(job: JobContext, *, actor: User | None) -> None:
    """Apply the plan that a job was started for, and conclude the job together with it."""
    run_id = int(job.params["run"])
    applied = apply_decision(run_id, with_vanished=bool(job.params["with_vanished"]), actor=actor)
    job.conclude({"url": page_of(run_id), "counts": applied.counts})


def _waiting(run_id: int) -> Run:
    """Give the run, if it waits; whoever takes the lock of personnel work first decides."""
    advisory_lock(LOCK)
    run = Run.objects.filter(pk=run_id, purpose=PERSONNEL).select_related("connection").first()
    if run is None:
        raise NotFoundError(_("There is no such run."))
    if run.state != RunState.WAITING:
        raise ConflictError(_("The plan waits for nobody any more."))
    return run
