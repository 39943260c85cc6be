"""Jobs of this app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.accounts.models import User
from apps.jobs.registry import job_handler
from apps.staffing.services.deriving import REQUIREMENT_KIND
from apps.staffing.services.deriving import derive_requirement as derive

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(REQUIREMENT_KIND)
def derive_requirement(context: JobContext) -> dict[str, Any]:
    """Derive a requirement."""
    actor = User.objects.filter(pk=context.actor_id or 0).first()
    version = derive(forecast_id=context.params["forecast_id"], actor=actor, job=context)
    return {"version_id": version.pk, "number": version.number, "queue_id": version.queue_id}
