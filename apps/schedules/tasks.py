"""The long work of this app as jobs, and what follows edits."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from apps.accounts.selectors import acting_user
from apps.jobs.registry import job_handler
from apps.schedules.services.editing.writing import MEASURE_TASK
from apps.schedules.services.measuring import measure_edited, request_measuring
from apps.schedules.services.optimisation import JOB_KIND, optimise_month, request_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.accounts.models import User
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext


def repeat_plan(job: Job, actor: User) -> Job:
    """Ask for the same month to be planned again."""
    return request_plan(**_arguments(job.params), actor=actor)


@job_handler(JOB_KIND, label=_("Schedule"), repeat=repeat_plan)
def optimise(context: JobContext) -> None:
    """Plan a month; the result names the new variant and its page."""
    optimise_month(**_arguments(context.params), actor=acting_user(context.actor_id), job=context)


def _arguments(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "group_id": params["group_id"],
        "month": dt.date.fromisoformat(params["month"]),
        "seed": params["seed"],
        "time_limit_s": params["time_limit_s"],
    }


@shared_task(name=MEASURE_TASK)
def measure_variant(variant_id: int) -> int:
    """Bring the figures of an edited variant up to date; harmless when it comes twice."""
    return measure_edited(variant_id)


@shared_task(name="schedules.sweep_edited")
def sweep_edited() -> int:
    """Ask for what lost messages asked for; by beat."""
    return request_measuring()
