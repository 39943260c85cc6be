"""Storing: a new version with its points, in one short transaction."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core import zones
from apps.core.code_version import code_version
from apps.core.copying import copy_rows
from apps.core.errors import StaleError
from apps.core.events import emit
from apps.core.partitions import ensure_months
from apps.core.phrases import Phrase
from apps.demand.selectors import applied_imports, history_digest, member_ids, special_days_of, stamp
from apps.forecasts.models import ForecastPoint, ForecastVersion
from apps.forecasts.services.versions import lock_versions, next_number, put_in_force

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.forecasts.types import ForecastArrays, Forecasted, ForecastRequest, Inputs
    from apps.jobs.registry import JobContext
    from apps.organization.models import Queue


@transaction.atomic
def store_version(
    request: ForecastRequest,
    queue: Queue,
    inputs: Inputs,
    made: Forecasted,
    *,
    actor: User | None,
    job: JobContext | None,
    seconds: float,
) -> ForecastVersion:
    """Write a version under the next number, activate it if asked, record and announce it.

    `job` ends in the same transaction. Raises `StaleError` when the history is no longer that from which
    the forecast was made.
    """
    lock_versions(queue.pk)
    # Before the history is compared: an import that commits later is none of these, or is refused as news.
    imports = list(applied_imports(member_ids(queue.pk)).order_by("pk").values_list("pk", flat=True))
    _refuse_stale(request, queue, inputs)
    version = ForecastVersion.objects.create(
        queue=queue,
        number=next_number(queue.pk),
        start=zones.midnight(request.start, inputs.zone),
        end=zones.midnight(request.end, inputs.zone),
        step_s=inputs.step_s,
        model=made.model,
        chosen_because=made.reason,
        level=Decimal(str(request.level)),
        parameters=_parameters(request),
        inputs=_stamp(inputs) | {"special_days": dict(made.special_days), "imports": imports},
        accuracy=dict(made.accuracy),
        seed=request.seed,
        code_version=code_version(),
        job_id=job.job_id if job else None,
        seconds=seconds,
        created_by=actor,
    )
    write_points(version, made.points)
    archived = put_in_force(version, actor=actor) if request.activate else []
    facts = _facts(version)
    record(action="forecasts.run", obj=version, actor=actor, after=facts | {"archived": archived})
    emit(
        "forecast.completed",
        aggregate="forecasts.forecastversion",
        aggregate_id=version.pk,
        data=facts,
        actor=actor,
    )
    if job:
        page = reverse("forecasts:forecast-page", args=[queue.code])
        job.conclude(
            {"version_id": version.pk, "number": version.number, "url": f"{page}?version={version.pk}"}
        )
    return version


def _refuse_stale(request: ForecastRequest, queue: Queue, inputs: Inputs) -> None:
    digest = history_digest(queue.pk, inputs.zone, inputs.history_start, request.start)
    if digest != inputs.history.digest:
        raise StaleError(
            Phrase(gettext_noop("The history changed while the forecast was made: run it again."))
        )
    events = special_days_of(queue, inputs.history_start, request.end)
    if stamp(tuple(events)) != stamp(inputs.events):
        raise StaleError(
            Phrase(gettext_noop("The special days changed while the forecast was made: run it again."))
        )


def write_points(version: ForecastVersion, points: ForecastArrays) -> None:
    """Copy the points of a version into their table."""
    ensure_months(ForecastPoint, zones.to_datetime(points.starts[0]), zones.to_datetime(points.starts[-1]))
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            ForecastPoint._meta.db_table,  # noqa: SLF001 - Django's documented model API
            {
                "version_id": ("int8", _repeated(version.pk, points)),
                "start": ("timestamptz", points.starts),
                "calls": ("float8", points.calls),
                "lower": ("float8", points.lower),
                "upper": ("float8", points.upper),
                "aht_s": ("float8", points.aht_s),
            },
        )


def _repeated(value: int, points: ForecastArrays) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.full(points.starts.size, value, dtype=np.int64)


def _parameters(request: ForecastRequest) -> dict[str, Any]:
    return {
        "start": request.start.isoformat(),
        "end": request.end.isoformat(),
        "level": request.level,
        "activate": request.activate,
        "holidays_country": request.holidays_country,
        "assumed_aht_s": request.assumed_aht_s,
    }


def _stamp(inputs: Inputs) -> dict[str, Any]:
    history = inputs.history
    return {
        "history_from": history.first_day.isoformat(),
        "history_days": len(history.calls),
        "history_rows": history.rows,
        "history_digest": history.digest,
        "history_step_s": history.step_s,
        "weeks_shifted": list(inputs.weeks_shifted),
        "holidays_of": list(inputs.special_days.sources),
        "holidays": {day.isoformat(): name for day, name in sorted(inputs.special_days.names.items())},
        "closed_days": sorted(day.isoformat() for day in inputs.special_days.closed),
        "opening_hours": inputs.opening is not None,
        "corrections": list(history.corrections),
        "events": stamp(inputs.events),
    }


def _facts(version: ForecastVersion) -> dict[str, Any]:
    chosen = next((row for row in version.accuracy["models"] if row["model"] == version.model), None)
    return {
        "queue_id": version.queue_id,
        "number": version.number,
        "state": str(version.state),
        "start": version.start.isoformat(),
        "end": version.end.isoformat(),
        "model": version.model,
        "wape": chosen["wape"] if chosen else None,
    }
