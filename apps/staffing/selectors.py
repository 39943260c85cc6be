"""Reads of requirements; points come as arrays, never as a row object per interval."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from apps.algorithms.staffing import expected_service as expect
from apps.core import zones
from apps.core.copying import read_rows
from apps.core.errors import DomainError, NotFoundError
from apps.forecasts.selectors import forecast_points
from apps.staffing.choices import Coefficient, RequirementState
from apps.staffing.models import RequirementVersion
from apps.staffing.types import RequirementArrays

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from apps.algorithms.staffing import ServiceExpectation
    from apps.staffing.types import FloatArray

_KINDS = {"start": "timestamptz", "load_erl": "float8", "positions": "int4", "required": "int4"}
_POINTS = sql.SQL(
    "SELECT start, load_erl, positions, required FROM staffing_requirementpoint"
    " WHERE version_id = {version} AND start >= {first} AND start < {end} ORDER BY start"
)


def requirement_points(version_id: int) -> RequirementArrays:
    """Give the points of a version in order of time, or `NotFoundError`. Two queries."""
    version = requirement_by_id(version_id)
    query = _POINTS.format(
        version=sql.Literal(version.pk), first=sql.Literal(version.start), end=sql.Literal(version.end)
    )
    with connection.cursor() as cursor:
        arrays = read_rows(cursor, query, _KINDS)
    return RequirementArrays(
        starts=arrays["start"],
        step_s=version.step_s,
        load_erl=arrays["load_erl"],
        positions=arrays["positions"],
        required=arrays["required"],
    )


def requirement_by_id(version_id: int) -> RequirementVersion:
    """Give a version with its queue, or `NotFoundError`."""
    version = RequirementVersion.objects.select_related("queue").filter(pk=version_id).first()
    if version is None:
        raise NotFoundError(_("There is no requirement version %(id)s.") % {"id": version_id})
    return version


def active_requirement(queue_id: int, start: dt.datetime, end: dt.datetime) -> RequirementVersion | None:
    """Give the active version that holds the whole span; None when there is none."""
    return RequirementVersion.objects.filter(
        queue=queue_id, state=RequirementState.ACTIVE, start__lte=start, end__gte=end
    ).first()


def requirement_over(queue_id: int, start: dt.datetime, end: dt.datetime) -> RequirementVersion | None:
    """Give the first active version that touches the span, with its forecast; None when there is none."""
    touching = RequirementVersion.objects.filter(
        queue=queue_id, state=RequirementState.ACTIVE, start__lt=end, end__gt=start
    )
    return touching.select_related("forecast").order_by("start").first()


def expected_service(requirement_version_id: int, agents: ArrayLike) -> ServiceExpectation:
    """Give the service to expect with `agents` on line in each interval of a requirement version.

    Calls, AHT, answer time and patience are those that the version was derived from. `agents`, shape (n,) as
    `requirement_points`, may be fractional (a mean over the interval). Five queries.
    """
    version = requirement_by_id(requirement_version_id)
    points = forecast_points(version.forecast_id)
    on_line = np.asarray(agents, dtype=np.float64)
    if on_line.shape != points.calls.shape:
        raise DomainError(
            _("The version has %(want)d intervals, the schedule %(have)d.")
            % {"want": points.calls.size, "have": on_line.size}
        )
    answer_within_s, patience_s = _service_terms(version, points.starts)
    return expect(
        on_line,
        points.calls,
        points.aht_s,
        step_s=points.step_s,
        threshold_s=answer_within_s,
        patience_s=patience_s,
    )


def absenteeism(
    version: RequirementVersion, starts: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> FloatArray:
    """Give the share of scheduled people that the version expects to be away in each interval, shape (n,)."""
    days = zones.to_local(starts, version.queue.time_zone).astype("datetime64[D]")
    away = np.zeros(starts.size)
    for target in (stamp for stamp in version.targets if stamp["kind"] == "target"):
        held = days >= np.datetime64(target["valid_from"])
        if target["valid_to"]:
            held &= days <= np.datetime64(target["valid_to"])
        away[held] = target["absenteeism"]
    for span in (stamp for stamp in version.targets if stamp["kind"] == Coefficient.ABSENTEEISM):
        first, end = (zones.to_instant(dt.datetime.fromisoformat(span[name])) for name in ("start", "end"))
        away[(starts >= first) & (starts < end)] = span["value"]
    return away


def _service_terms(
    version: RequirementVersion, starts: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> tuple[FloatArray, FloatArray]:
    """Answer time and patience of each interval, from the targets that the version keeps."""
    days = zones.to_local(starts, version.queue.time_zone).astype("datetime64[D]")
    answer_within_s = np.full(starts.size, 20.0)
    patience_s = np.full(starts.size, np.inf)
    for target in version.targets:
        if target["kind"] != "target":
            continue
        held = days >= np.datetime64(target["valid_from"])
        if target["valid_to"]:
            held &= days <= np.datetime64(target["valid_to"])
        answer_within_s[held] = target["answer_within_s"]
        if target["model"] == "erlang_a":
            patience_s[held] = target["patience_s"]
    return answer_within_s, patience_s
