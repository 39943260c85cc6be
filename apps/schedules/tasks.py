"""The long work of this app as jobs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.accounts.models import User
from apps.jobs.registry import job_handler
from apps.schedules.services.optimisation import JOB_KIND, optimise_month

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(JOB_KIND)
def optimise(context: JobContext) -> dict[str, Any]:
    """Plan a month; the result names the new variant and its page."""
    params = context.params
    actor = None if context.actor_id is None else User.objects.get(pk=context.actor_id)
    variant = optimise_month(
        group_id=params["group_id"],
        month=dt.date.fromisoformat(params["month"]),
        actor=actor,
        seed=params["seed"],
        time_limit_s=params["time_limit_s"],
        job=context,
    )
    return {
        "variant_id": variant.pk,
        "number": variant.number,
        "under_share": variant.metrics["under_share"],
        "gap": variant.metrics["gap"],
        "hard_violations": variant.metrics["hard_violations"],
        "url": f"/planning/{variant.group.code}/{variant.month:%Y-%m}/schedule/?variant={variant.pk}",
    }
