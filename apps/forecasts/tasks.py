"""Jobs of this app."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.accounts.selectors import acting_user
from apps.forecasts.services.running import FORECAST_KIND
from apps.forecasts.services.running import run_forecast as run
from apps.jobs.registry import job_handler

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(FORECAST_KIND)
def run_forecast(context: JobContext) -> None:
    """Run a forecast."""
    days = {name: dt.date.fromisoformat(context.params[name]) for name in ("start", "end")}
    run(**{**context.params, **days}, actor=acting_user(context.actor_id), job=context)
