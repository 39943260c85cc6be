"""Running a forecast: load | compute | store. No transaction is open while it is computed."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.policies import Capability, require
from apps.core.phrases import Phrase
from apps.forecasts.services.computing import compute
from apps.forecasts.services.inputs import check_request, load_inputs
from apps.forecasts.services.storing import store_version
from apps.forecasts.types import ForecastRequest
from apps.jobs.services import start as start_job
from apps.organization.selectors import queue_by_id

if TYPE_CHECKING:
    import datetime as dt

    from apps.accounts.models import User
    from apps.forecasts.models import ForecastVersion
    from apps.forecasts.types import Forecasted, Inputs
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext

FORECAST_KIND = "forecasts.run"


def run_forecast(
    *,
    queue_id: int,
    start: dt.date,
    end: dt.date,
    actor: User | None,
    seed: int = 0,
    level: float = 0.8,
    activate: bool = True,
    holidays_country: str | None = None,
    assumed_aht_s: float | None = None,
    job: JobContext | None = None,
) -> ForecastVersion:
    """Forecast a queue for its local days from `start` up to, not including, `end`, as a new version.

    `types.ForecastRequest` tells the arguments; `actor` None is the system itself; `job` is told the progress
    and asked whether to stop.

    Raises
    ------
    NotAllowedError, DomainError, StaleError
        The actor may not; the request, history or calendar does not do; the history changed meanwhile.

    """
    require(actor, Capability.RUN_FORECAST)
    request = ForecastRequest(
        queue_id, start, end, seed, level, activate, holidays_country or None, assumed_aht_s
    )
    begun = time.perf_counter()
    queue = queue_by_id(queue_id)
    _say(job, 0.02, gettext_noop("Loading history"))
    inputs = load_inputs(request, queue)
    _note(job, _known(inputs))
    made = compute(
        request,
        inputs,
        progress=lambda share, stage: _say(job, 0.05 + 0.9 * share, _stage(stage)),
        cancelled=job.cancelled if job else None,
    )
    _note(job, _found(made))
    _say(job, 0.96, gettext_noop("Storing"))
    return store_version(
        request,
        queue,
        inputs,
        made,
        actor=actor,
        job=job,
        seconds=time.perf_counter() - begun,
    )


def request_forecast(
    *,
    queue_id: int,
    start: dt.date,
    end: dt.date,
    actor: User | None,
    seed: int = 0,
    level: float = 0.8,
    activate: bool = True,
    holidays_country: str | None = None,
    assumed_aht_s: float | None = None,
) -> Job:
    """Start the job that runs a forecast; one at a time for a queue. Arguments as of `run_forecast`."""
    require(actor, Capability.RUN_FORECAST)
    request = ForecastRequest(
        queue_id, start, end, seed, level, activate, holidays_country or None, assumed_aht_s
    )
    check_request(request)
    queue = queue_by_id(queue_id)
    return start_job(
        FORECAST_KIND,
        params=asdict(request) | {"start": start.isoformat(), "end": end.isoformat()},
        actor=actor,
        title=Phrase(
            gettext_noop("Forecast of %(queue)s from %(start)s"),
            {"queue": str(queue), "start": f"{start:%d.%m.%Y}"},
        ),
        dedupe_key=f"forecast:{queue.pk}",
    )


def _say(job: JobContext | None, share: float, stage: str) -> None:
    if job:
        job.check_cancelled()
        job.progress(share, Phrase(stage) if stage else None)


def _known(inputs: Inputs) -> str:
    return _(
        "History from %(first)s: %(rows)s intervals of %(minutes)s min, %(special)s special days known."
    ) % {
        "first": f"{inputs.history_start:%d.%m.%Y}",
        "rows": inputs.history.rows,
        "minutes": inputs.step_s // 60,
        "special": len(inputs.special_days.names),
    }


def _found(made: Forecasted) -> str:
    return _("Model %(model)s: %(reason)s %(points)s intervals forecast, %(calls)s contacts.") % {
        "model": made.model,
        "reason": made.reason,
        "points": made.points.starts.size,
        "calls": round(float(made.points.calls.sum())),
    }


def _note(job: JobContext | None, line: str) -> None:
    if job:
        job.log(line)


def _stage(name: str) -> str:
    names = {
        "backtest": gettext_noop("Comparing models"),
        "forecast": gettext_noop("Forecasting"),
        "bands": gettext_noop("Finding the band"),
    }
    return names.get(name, "")
