"""The long work of this app as jobs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.accounts.selectors import acting_user
from apps.jobs.registry import job_handler
from apps.schedules.services.optimisation import JOB_KIND, optimise_month

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(JOB_KIND)
def optimise(context: JobContext) -> None:
    """Plan a month; the result names the new variant and its page."""
    params = context.params
    optimise_month(
        group_id=params["group_id"],
        month=dt.date.fromisoformat(params["month"]),
        actor=acting_user(context.actor_id),
        seed=params["seed"],
        time_limit_s=params["time_limit_s"],
        job=context,
    )
