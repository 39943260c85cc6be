"""The figures of a variant, from its stored rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Count, Sum

from apps.algorithms.rostering.rules import Mode
from apps.forecasts.selectors import forecast_points
from apps.schedules.selectors.cover import cover_by_queue, total
from apps.staffing.selectors import absenteeism, expected_service, requirement_points

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import Cover
    from apps.staffing.models import RequirementVersion

HOUR_S = 3600


def measure(variant: ScheduleVariant) -> dict[str, Any]:
    """Give cover, expected service, hours and violations of the group, and by queue under `queues`.

    `*_intervals` are agent-intervals of 15 minutes, `*_share` is their part of the required ones.
    """
    covers = cover_by_queue(variant)
    versions = {version.queue_id: version for version in variant.requirements.select_related("queue")}
    queues = {
        version.queue.code: _cover_figures(covers[queue_id])
        | {"expected": service(version, covers[queue_id])}
        for queue_id, version in versions.items()
    }
    return (
        _cover_figures(total(list(covers.values())))
        | {"expected": together([figures["expected"] for figures in queues.values()])}
        | _people_figures(variant)
        | _violation_figures(variant)
        | {"queues": queues}
    )


def _cover_figures(cover: Cover) -> dict[str, Any]:
    required, scheduled = int(cover.required.sum()), int(cover.scheduled.sum())
    under, over = int(cover.under.sum()), int(cover.over.sum())
    hours = cover.slot_s / HOUR_S
    return {
        "required_intervals": required,
        "scheduled_intervals": scheduled,
        "under_intervals": under,
        "over_intervals": over,
        "under_share": under / required if required else 0.0,
        "over_share": over / required if required else 0.0,
        "required_h": required * hours,
        "scheduled_h": scheduled * hours,
    }


def service(version: RequirementVersion, cover: Cover) -> dict[str, float | None]:
    """Give the service to expect over the slots of `cover`, weighed by calls.

    Of the scheduled agents the share that the requirement expects to be away unplanned is taken off.
    Agents of an interval longer than a slot are the mean of its slots; what is outside `cover` does not
    count.
    """
    points = requirement_points(version.pk)
    agents, inside = _agents(points.starts, version.step_s, cover)
    present = agents * (1 - absenteeism(version, points.starts))
    performance = expected_service(version.pk, np.where(inside, present, points.positions)).performance
    calls = forecast_points(version.forecast_id).calls[inside]
    figures: dict[str, float | None] = {
        "calls": float(calls.sum()),
        "occupancy": _weighed(performance.occupancy[inside], present[inside]),
        "overloaded_intervals": int(np.isinf(performance.asa_s[inside][calls > 0]).sum()),
    }
    for name in ("service_level", "asa_s", "p_abandon"):
        figures[name] = _weighed(getattr(performance, name)[inside], calls)
    return figures


def _agents(
    starts: NDArray[np.datetime64], step_s: int, cover: Cover
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give the mean agents of each interval, and which intervals lie in the cover; shapes (n,)."""
    sums = np.concatenate([[0], np.cumsum(cover.scheduled)])
    begin = (starts - cover.starts[0]).astype("timedelta64[s]").astype(np.int64) // cover.slot_s
    after = begin + max(step_s // cover.slot_s, 1)
    inside = (begin >= 0) & (after <= cover.scheduled.size)
    first, last = np.where(inside, begin, 0), np.where(inside, after, 1)
    return (sums[last] - sums[first]) / (last - first), inside


def _weighed(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float | None:
    """Give the weighted mean; None where it is not a number (nobody calls, or waits never end)."""
    some = weights > 0
    if not some.any():
        return None
    mean = float((values[some] * weights[some]).sum() / weights[some].sum())
    return mean if np.isfinite(mean) else None


def together(parts: Collection[dict[str, float | None]]) -> dict[str, float | None]:
    """Give the service of several queues together, weighed by their calls; a queue without calls has none."""
    called = [part for part in parts if part["calls"]]
    calls = np.array([part["calls"] for part in called], dtype=np.float64)
    figures: dict[str, float | None] = {
        "calls": float(calls.sum()),
        "overloaded_intervals": sum(part["overloaded_intervals"] or 0 for part in parts),
    }
    for name in ("service_level", "asa_s", "p_abandon"):
        values = [part[name] for part in called]
        known = [value for value in values if value is not None]
        figures[name] = _weighed(np.array(known), calls) if len(known) == len(values) else None
    return figures


def _people_figures(variant: ScheduleVariant) -> dict[str, Any]:
    people = variant.people.aggregate(count=Count("pk"), norm_s=Sum("norm_s"))
    shifts = variant.shifts.aggregate(count=Count("pk"), paid_s=Sum("paid_s"))
    return {
        "people": people["count"],
        "shifts": shifts["count"],
        "norm_h": (people["norm_s"] or 0) / HOUR_S,
        "paid_h": (shifts["paid_s"] or 0) / HOUR_S,
    }


def _violation_figures(variant: ScheduleVariant) -> dict[str, Any]:
    counts = variant.violations.order_by().values_list("code", "mode").annotate(count=Count("pk"))
    by_rule: dict[str, int] = {}
    for code, _mode, count in counts:
        by_rule[code] = by_rule.get(code, 0) + count
    return {
        "violations": by_rule,
        "hard_violations": sum(count for _code, mode, count in counts if mode == Mode.HARD),
    }
