"""Deriving the requirement of a forecast: load | compute | store. The arithmetic is in the algorithms."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.policies import Capability, require
from apps.algorithms.queueing import QueueingError, ServiceTarget
from apps.algorithms.staffing import StaffingPolicy
from apps.algorithms.staffing import derive_requirement as derive
from apps.audit.services import record
from apps.core import zones
from apps.core.code_version import code_version
from apps.core.copying import copy_rows
from apps.core.errors import DomainError, StaleError
from apps.core.events import emit
from apps.core.locks import advisory_lock
from apps.core.partitions import ensure_months
from apps.core.phrases import Phrase
from apps.forecasts.selectors import forecast_points, version_by_id
from apps.jobs.services import start as start_job
from apps.staffing.choices import RequirementState
from apps.staffing.models import RequirementPoint, RequirementVersion
from apps.staffing.services.terms import find_terms

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.algorithms.staffing import Requirement
    from apps.forecasts.models import ForecastVersion
    from apps.forecasts.types import ForecastArrays
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext
    from apps.staffing.types import Terms

REQUIREMENT_KIND = "staffing.derive"
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class _Derived:
    forecast: ForecastVersion
    points: ForecastArrays
    terms: Terms
    requirement: Requirement


def derive_requirement(
    *, forecast_id: int, actor: User | None, job: JobContext | None = None
) -> RequirementVersion:
    """Derive the agents that a forecast requires under the queue's targets, as a new active version.

    Raises
    ------
    NotAllowedError, NotFoundError
        The actor may not; there is no such forecast.
    DomainError
        A day that expects contacts has no target, or a target cannot be computed with.
    StaleError
        The targets changed meanwhile.

    """
    require(actor, Capability.DERIVE_REQUIREMENT)
    begun = time.perf_counter()
    forecast = version_by_id(forecast_id)
    points = forecast_points(forecast_id)
    terms = find_terms(forecast, points)
    if job:
        job.check_cancelled()
        job.progress(0.2, Phrase(gettext_noop("Computing")))
    derived = _Derived(forecast, points, terms, compute_requirement(points, terms))
    if job:
        job.log(_summary(derived))
        job.check_cancelled()
        job.progress(0.8, Phrase(gettext_noop("Storing")))
    return _store(derived, actor=actor, job=job, begun=begun)


def request_requirement(*, forecast_id: int, actor: User | None) -> Job:
    """Start the job that derives a requirement; one at a time for a queue."""
    require(actor, Capability.DERIVE_REQUIREMENT)
    forecast = version_by_id(forecast_id)
    return start_job(
        REQUIREMENT_KIND,
        params={"forecast_id": forecast.pk},
        actor=actor,
        title=Phrase(gettext_noop("Requirement of %(forecast)s"), {"forecast": str(forecast)}),
        dedupe_key=f"requirement:{forecast.queue_id}",
    )


def compute_requirement(points: ForecastArrays, terms: Terms) -> Requirement:
    """Compute the agents of every interval under the terms. Raises `DomainError` if it cannot be done."""
    try:
        return derive(
            points.calls,
            points.aht_s,
            step_s=points.step_s,
            policy=StaffingPolicy(
                target=ServiceTarget(
                    service_level=terms.service_level,
                    threshold_s=terms.answer_within_s,
                    max_occupancy=terms.max_occupancy,
                ),
                patience_s=terms.patience_s,
                minimum_staff=terms.minimum_agents,
                reserve=terms.reserve,
                absenteeism=terms.absenteeism,
            ),
            is_open=terms.is_open,
        )
    except QueueingError as error:
        raise DomainError(
            Phrase(gettext_noop("The requirement cannot be computed: %(reason)s."), {"reason": str(error)})
        ) from error


@transaction.atomic
def _store(
    derived: _Derived, *, actor: User | None, job: JobContext | None, begun: float
) -> RequirementVersion:
    forecast = derived.forecast
    advisory_lock(f"staffing.versions:{forecast.queue_id}")
    if find_terms(forecast, derived.points).stamp != derived.terms.stamp:
        raise StaleError(
            Phrase(gettext_noop("The targets changed while the requirement was derived: run it again."))
        )
    archived = _archive_overlapping(forecast)
    version = RequirementVersion.objects.create(
        queue=forecast.queue,
        number=_next_number(forecast.queue_id),
        state=RequirementState.ACTIVE,
        forecast=forecast,
        start=forecast.start,
        end=forecast.end,
        step_s=derived.points.step_s,
        targets=derived.terms.stamp,
        code_version=code_version(),
        job_id=job.job_id if job else None,
        seconds=time.perf_counter() - begun,
        created_by=actor,
    )
    _write_points(version, derived)
    facts = _facts(version)
    record(action="staffing.derive", obj=version, actor=actor, after=facts | {"archived": archived})
    emit(
        "requirement.derived",
        aggregate="staffing.requirementversion",
        aggregate_id=version.pk,
        data=facts,
        actor=actor,
    )
    if job:
        page = reverse("forecasts:forecast-page", args=[forecast.queue.code])
        facts = {"version_id": version.pk, "number": version.number, "queue_id": version.queue_id}
        job.conclude(facts | {"url": f"{page}?version={forecast.pk}"})
    return version


def _summary(derived: _Derived) -> str:
    required = derived.requirement.required
    return _(
        "%(points)s intervals of the forecast, %(open)s of them open; %(targets)s targets; "
        "%(hours)s agent hours, at most %(most)s agents at once."
    ) % {
        "points": required.size,
        "open": int(derived.terms.is_open.sum()),
        "targets": len(derived.terms.stamp),
        "hours": round(float(required.sum()) * derived.points.step_s / SECONDS_PER_HOUR),
        "most": int(required.max(initial=0)),
    }


def _archive_overlapping(forecast: ForecastVersion) -> list[int]:
    overlapping = RequirementVersion.objects.filter(
        queue=forecast.queue_id,
        state=RequirementState.ACTIVE,
        start__lt=forecast.end,
        end__gt=forecast.start,
    )
    archived = sorted(overlapping.values_list("pk", flat=True))
    overlapping.update(state=RequirementState.ARCHIVED)
    return archived


def _next_number(queue_id: int) -> int:
    last = RequirementVersion.objects.filter(queue=queue_id).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _write_points(version: RequirementVersion, derived: _Derived) -> None:
    starts = derived.points.starts
    ensure_months(RequirementPoint, zones.to_datetime(starts[0]), zones.to_datetime(starts[-1]))
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            RequirementPoint._meta.db_table,  # noqa: SLF001 - Django's documented model API
            {
                "version_id": ("int8", np.full(starts.size, version.pk)),
                "start": ("timestamptz", starts),
                "load_erl": ("float8", derived.requirement.load_erl),
                "positions": ("int4", derived.requirement.positions),
                "required": ("int4", derived.requirement.required),
            },
        )


def _facts(version: RequirementVersion) -> dict[str, Any]:
    return {
        "queue_id": version.queue_id,
        "number": version.number,
        "forecast_id": version.forecast_id,
        "start": version.start.isoformat(),
        "end": version.end.isoformat(),
    }
