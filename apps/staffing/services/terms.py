"""What was promised for each interval: dated targets of the queue, and the coefficients laid over them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext_noop

from apps.core import zones
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.organization.selectors import open_slots
from apps.staffing.choices import Coefficient, QueueModel
from apps.staffing.models import CoefficientSpan, StaffingTarget
from apps.staffing.types import Terms
from apps.workcalendar.selectors import day_kinds

if TYPE_CHECKING:
    from apps.forecasts.models import ForecastVersion
    from apps.forecasts.types import ForecastArrays
    from apps.organization.models import Queue
    from apps.staffing.types import BoolArray, FloatArray, TimeArray

_DAY_S = 86_400


def find_terms(forecast: ForecastVersion, points: ForecastArrays) -> Terms:
    """Find target, coefficients and opening of every interval of a forecast.

    Raises `DomainError` naming the first day that expects contacts and has no target.
    """
    queue = forecast.queue
    local = zones.to_local(points.starts, queue.time_zone)
    targets = _targets(queue, local)
    coefficients = list(
        CoefficientSpan.objects.filter(queue=queue, start__lt=forecast.end, end__gt=forecast.start).order_by(
            "kind", "start"
        )
    )
    has_target = np.zeros(local.size, dtype=np.bool_)
    arrays = {
        "service_level": np.full(local.size, 0.8),
        "answer_within_s": np.full(local.size, 20.0),
        "max_occupancy": np.ones(local.size),
        "patience_s": np.full(local.size, np.inf),
        "minimum_agents": np.zeros(local.size),
        "reserve": np.ones(local.size),
        "absenteeism": np.zeros(local.size),
    }
    for target in targets:
        held = _days_of(target, local)
        has_target |= held
        _lay(arrays, target, held)
    _check_promised(queue, local, points.calls, has_target)
    for span in coefficients:
        held = (points.starts >= zones.to_instant(span.start)) & (points.starts < zones.to_instant(span.end))
        arrays[_ARRAY_OF[Coefficient(span.kind)]][held] = float(span.value)
    return Terms(
        **arrays,
        is_open=_is_open(queue, local, points),
        stamp=[_target_stamp(target) for target in targets] + [_span_stamp(span) for span in coefficients],
    )


_ARRAY_OF = {
    Coefficient.RESERVE: "reserve",
    Coefficient.MINIMUM: "minimum_agents",
    Coefficient.ABSENTEEISM: "absenteeism",
}


def _targets(queue: Queue, local: TimeArray) -> list[StaffingTarget]:
    first, last = (moment.astype("datetime64[D]").item() for moment in (local.min(), local.max()))
    return list(
        StaffingTarget.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=first), queue=queue, valid_from__lte=last
        ).order_by("valid_from")
    )


def _days_of(target: StaffingTarget, local: TimeArray) -> BoolArray:
    days = local.astype("datetime64[D]")
    held: BoolArray = days >= np.datetime64(target.valid_from)
    return held if target.valid_to is None else held & (days <= np.datetime64(target.valid_to))


def _lay(arrays: dict[str, FloatArray], target: StaffingTarget, held: BoolArray) -> None:
    for name in ("service_level", "answer_within_s", "max_occupancy", "minimum_agents", "reserve"):
        arrays[name][held] = float(getattr(target, name))
    arrays["absenteeism"][held] = float(target.absenteeism)
    if target.model == QueueModel.ERLANG_A:
        arrays["patience_s"][held] = float(target.patience_s or np.inf)


def _check_promised(queue: Queue, local: TimeArray, calls: FloatArray, has_target: BoolArray) -> None:
    missing = np.flatnonzero((calls > 0) & ~has_target)
    if missing.size:
        raise DomainError(
            Phrase(
                gettext_noop(
                    "The queue %(queue)s has no staffing target on %(day)s: set one that holds on that day."
                ),
                {"queue": str(queue), "day": local[missing[0]].astype("datetime64[D]").item().isoformat()},
            )
        )


def _is_open(queue: Queue, local: TimeArray, points: ForecastArrays) -> BoolArray:
    """Open by the hours and the calendar, and wherever contacts are expected.

    A queue without opening hours is always open, but for the days off of its calendar if it closes on them.
    """
    expected: BoolArray = points.calls > 0
    seconds = local.astype(np.int64)
    days = seconds // _DAY_S
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    by_hours = open_slots(queue, points.step_s)[weekday, seconds % _DAY_S // points.step_s]
    return expected | (by_hours & ~_closed_days(queue, local))


def _closed_days(queue: Queue, local: TimeArray) -> BoolArray:
    days = local.astype("datetime64[D]")
    if not (queue.closed_on_holidays and queue.calendar_code):
        return np.zeros(days.size, dtype=np.bool_)
    first, last = days.min().item(), days.max().item()
    off = [day for day, facts in day_kinds(queue.calendar_code, first, last).items() if not facts.is_working]
    closed: BoolArray = np.isin(days, np.array(off, dtype="datetime64[D]"))
    return closed


def _target_stamp(target: StaffingTarget) -> dict[str, Any]:
    return {
        "kind": "target",
        "id": target.pk,
        "valid_from": target.valid_from.isoformat(),
        "valid_to": target.valid_to.isoformat() if target.valid_to else None,
        "model": str(target.model),
        "service_level": float(target.service_level),
        "answer_within_s": target.answer_within_s,
        "max_occupancy": float(target.max_occupancy),
        "patience_s": target.patience_s,
        "minimum_agents": target.minimum_agents,
        "reserve": float(target.reserve),
        "absenteeism": float(target.absenteeism),
    }


def _span_stamp(span: CoefficientSpan) -> dict[str, Any]:
    return {
        "kind": str(span.kind),
        "id": span.pk,
        "start": span.start.astimezone(dt.UTC).isoformat(),
        "end": span.end.astimezone(dt.UTC).isoformat(),
        "value": float(span.value),
    }
