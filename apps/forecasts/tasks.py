"""Jobs of this app."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.accounts.models import User
from apps.forecasts.services.running import FORECAST_KIND
from apps.forecasts.services.running import run_forecast as run
from apps.jobs.registry import job_handler

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


@job_handler(FORECAST_KIND)
def run_forecast(context: JobContext) -> dict[str, Any]:
    """Run a forecast."""
    days = {name: dt.date.fromisoformat(context.params[name]) for name in ("start", "end")}
    actor = User.objects.filter(pk=context.actor_id or 0).first()
    version = run(**{**context.params, **days}, actor=actor, job=context)
    page = reverse("forecasts:forecast-page", args=[version.queue.code])
    return {"version_id": version.pk, "number": version.number, "url": f"{page}?version={version.pk}"}
