"""Jobs of this app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.accounts.selectors import acting_user
from apps.jobs.registry import job_handler
from apps.staffing.services.deriving import REQUIREMENT_KIND, request_requirement
from apps.staffing.services.deriving import derive_requirement as derive

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext


def repeat_requirement(job: Job, actor: User) -> Job:
    """Ask for the requirement of the same forecast again."""
    return request_requirement(forecast_id=job.params["forecast_id"], actor=actor)


@job_handler(REQUIREMENT_KIND, label=_("Requirement"), repeat=repeat_requirement)
def derive_requirement(context: JobContext) -> None:
    """Derive a requirement."""
    actor = acting_user(context.actor_id)
    derive(forecast_id=context.params["forecast_id"], actor=actor, job=context)
