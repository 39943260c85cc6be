"""Jobs of this app."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.selectors import acting_user
from apps.forecasts.services.running import FORECAST_KIND, request_forecast
from apps.forecasts.services.running import run_forecast as run
from apps.jobs.registry import job_handler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.accounts.models import User
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext


def repeat_forecast(job: Job, actor: User) -> Job:
    """Ask for the same forecast again."""
    return request_forecast(**_arguments(job.params), actor=actor)


@job_handler(FORECAST_KIND, label=_("Forecast"), repeat=repeat_forecast)
def run_forecast(context: JobContext) -> None:
    """Run a forecast."""
    run(**_arguments(context.params), actor=acting_user(context.actor_id), job=context)


def _arguments(params: Mapping[str, Any]) -> dict[str, Any]:
    return {**params, **{name: dt.date.fromisoformat(params[name]) for name in ("start", "end")}}
