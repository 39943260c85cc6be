"""Jobs of this app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.accounts.selectors import acting_user
from apps.jobs.registry import job_handler
from apps.staffing.services.deriving import REQUIREMENT_KIND
from apps.staffing.services.deriving import derive_requirement as derive

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(REQUIREMENT_KIND)
def derive_requirement(context: JobContext) -> None:
    """Derive a requirement."""
    actor = acting_user(context.actor_id)
    derive(forecast_id=context.params["forecast_id"], actor=actor, job=context)
