"""Adjusting a forecast by hand: growth factors and overrides, as a new version beside the one they change."""

from __future__ import annotations

import datetime as dt
import math
import time
from typing import TYPE_CHECKING, Any, NoReturn, cast

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from scipy.stats import norm

from apps.accounts.policies import Capability, require
from apps.algorithms.forecasting import Curve, adjust_aht, adjust_calls
from apps.audit.services import record
from apps.core import clock
from apps.core.code_version import code_version
from apps.core.errors import DomainError
from apps.core.events import emit
from apps.core.zones import to_instant
from apps.forecasts.choices import Measure, Operation
from apps.forecasts.models import ForecastVersion
from apps.forecasts.selectors import forecast_points, version_by_id
from apps.forecasts.services.storing import write_points
from apps.forecasts.services.versions import lock_versions, next_number, put_in_force
from apps.forecasts.types import ForecastArrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.accounts.models import User
    from apps.algorithms.forecasting.adjusting import Operation as CurveOperation
    from apps.forecasts.types import Adjustment

MOST_ADJUSTMENTS = 100
LONGEST_REASON = 300
HIGHEST_FACTOR = 100.0
MOST_CONTACTS = 1_000_000.0
LONGEST_AHT_S = 86_400.0
_OF_AHT = (Operation.SET, Operation.ADD, Operation.MULTIPLY)


def adjust_forecast(
    *,
    version_id: int,
    adjustments: Sequence[Adjustment],
    reason: str,
    actor: User | None,
    activate: bool = False,
) -> ForecastVersion:
    """Lay changes over a version, one after another, and keep the outcome as a new one; a draft unless asked.

    Raises
    ------
    NotAllowedError, NotFoundError
        The actor may not change forecasts; there is no such version.
    DomainError
        By field (`adjustments.<n>.start`, `reason`): a span outside the version, a value out of range.

    """
    require(actor, Capability.RUN_FORECAST)
    begun = time.perf_counter()
    version = version_by_id(version_id)
    _check_reason(reason)
    points = adjusted_points(version, forecast_points(version_id), adjustments)
    with transaction.atomic():
        lock_versions(version.queue_id)
        made = ForecastVersion.objects.create(
            queue=version.queue,
            number=next_number(version.queue_id),
            start=version.start,
            end=version.end,
            step_s=version.step_s,
            based_on=version,
            origin_id=version.origin_id or version.pk,
            adjustments=version.adjustments + _kept(adjustments, reason, actor),
            model=version.model,
            chosen_because=version.chosen_because,
            level=version.level,
            parameters=version.parameters,
            inputs=version.inputs,
            seed=version.seed,
            code_version=code_version(),
            seconds=time.perf_counter() - begun,
            created_by=actor,
        )
        write_points(made, points)
        archived = put_in_force(made, actor=actor, reason=reason.strip()) if activate else []
        _tell(made, adjustments, reason, actor, archived)
    return made


def adjusted_points(
    version: ForecastVersion, points: ForecastArrays, adjustments: Sequence[Adjustment]
) -> ForecastArrays:
    """Give the points under the changes, nothing is stored. Raises `DomainError` by field."""
    _check(version, adjustments)
    curve = Curve(points.calls, points.lower, points.upper, points.aht_s)
    reach = float(norm.ppf((1 + float(version.level)) / 2))
    for item in adjustments:
        chosen = (points.starts >= to_instant(item.start)) & (points.starts < to_instant(item.end))
        operation = cast("CurveOperation", item.operation)
        if item.measure == Measure.CALLS:
            curve = adjust_calls(curve, chosen, operation, item.value, reach=reach)
        else:
            curve = adjust_aht(curve, chosen, operation, item.value)
    _check_outcome(curve)
    return ForecastArrays(points.starts, points.step_s, curve.calls, curve.lower, curve.upper, curve.aht_s)


def _check(version: ForecastVersion, adjustments: Sequence[Adjustment]) -> None:
    if not adjustments:
        _refuse("adjustments", _("Say what to change."))
    if len(adjustments) > MOST_ADJUSTMENTS:
        _refuse("adjustments", _("At most %(most)d at once.") % {"most": MOST_ADJUSTMENTS})
    for index, item in enumerate(adjustments):
        _check_span(version, item, f"adjustments.{index}")
        _check_value(item, f"adjustments.{index}")


def _check_span(version: ForecastVersion, item: Adjustment, place: str) -> None:
    if item.end <= item.start:
        _refuse(f"{place}.end", _("It ends before it begins."))
    for name in ("start", "end"):
        moment: dt.datetime = getattr(item, name)
        if not version.start <= moment <= version.end:
            _refuse(f"{place}.{name}", _("It lies outside the forecast."))
        if (moment - version.start).total_seconds() % version.step_s:
            _refuse(
                f"{place}.{name}",
                _("It does not fall on an interval of %(minutes)d minutes.")
                % {"minutes": version.step_s // 60},
            )


def _check_value(item: Adjustment, place: str) -> None:
    if item.measure not in Measure.values:
        _refuse(f"{place}.measure", _("Choose contacts or AHT."))
    if item.operation not in Operation.values or (
        item.measure == Measure.AHT and item.operation not in _OF_AHT
    ):
        _refuse(f"{place}.operation", _("Choose what to do with the figures."))
    if not math.isfinite(item.value):
        _refuse(f"{place}.value", _("Give a number."))
    if item.operation == Operation.MULTIPLY:
        if not 0 <= item.value <= HIGHEST_FACTOR:
            _refuse(f"{place}.value", _("A factor lies between 0 and 100."))
        return
    most = LONGEST_AHT_S if item.measure == Measure.AHT else MOST_CONTACTS
    least = 0.0 if item.operation in {Operation.SET, Operation.SET_TOTAL} else -most
    if not least <= item.value <= most:
        _refuse(
            f"{place}.value",
            _("From %(least)d to %(most)d.") % {"least": least, "most": most},
        )


def _check_outcome(curve: Curve) -> None:
    if (curve.calls > MOST_CONTACTS).any():
        _refuse("adjustments", _("An interval would have more than 1,000,000 contacts."))
    busy = curve.calls > 0
    if ((curve.aht_s[busy] <= 0) | (curve.aht_s[busy] > LONGEST_AHT_S)).any():
        _refuse("adjustments", _("The AHT lies above 0 and up to 86,400 seconds where there are contacts."))


def _check_reason(reason: str) -> None:
    if not reason.strip():
        _refuse("reason", _("Say why."))
    if len(reason.strip()) > LONGEST_REASON:
        _refuse("reason", _("Too long: at most 300 characters."))


def _refuse(field: str, why: str) -> NoReturn:
    raise DomainError(why, fields={field: [why]})


def _kept(adjustments: Sequence[Adjustment], reason: str, actor: User | None) -> list[dict[str, Any]]:
    return [
        {
            "start": item.start.astimezone(dt.UTC).isoformat(),
            "end": item.end.astimezone(dt.UTC).isoformat(),
            "measure": str(item.measure),
            "operation": str(item.operation),
            "value": item.value,
            "reason": reason.strip(),
            "by": str(actor) if actor else "",
            "at": clock.now().isoformat(),
        }
        for item in adjustments
    ]


def _tell(
    made: ForecastVersion,
    adjustments: Sequence[Adjustment],
    reason: str,
    actor: User | None,
    archived: list[int],
) -> None:
    facts = {
        "queue_id": made.queue_id,
        "number": made.number,
        "state": str(made.state),
        "start": made.start.isoformat(),
        "end": made.end.isoformat(),
        "based_on": made.based_on_id,
    }
    changes = _kept(adjustments, reason, actor)
    record(
        action="forecasts.adjust",
        obj=made,
        actor=actor,
        after=facts | {"adjustments": changes, "archived": archived},
    )
    emit(
        "forecast.adjusted",
        aggregate="forecasts.forecastversion",
        aggregate_id=made.pk,
        data=facts,
        actor=actor,
    )


def totals(points: ForecastArrays) -> tuple[float, float | None]:
    """Give the contacts of all points and their AHT (s), weighted by contacts; None without contacts."""
    calls = float(points.calls.sum())
    return calls, float(np.dot(points.calls, points.aht_s)) / calls if calls else None
