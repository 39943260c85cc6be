"""Forecast versions with points, without running a model."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.core.partitions import ensure_months
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastPoint, ForecastVersion
from tests.factories.sequence import next_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.models import Queue


def make_forecast(
    queue: Queue,
    start: dt.datetime,
    calls: Sequence[float],
    *,
    step_s: int = 900,
    aht_s: float = 180.0,
    **facts: Any,
) -> ForecastVersion:
    """Make an active version from `start` (aware) with these contacts, the band 20 % to each side."""
    starts = [start + dt.timedelta(seconds=step_s * index) for index in range(len(calls))]
    facts = {
        "number": next_number(),
        "state": VersionState.ACTIVE,
        "model": "given",
        "level": "0.800",
        "code_version": "test",
    } | facts
    version = ForecastVersion.objects.create(
        queue=queue, start=start, end=starts[-1] + dt.timedelta(seconds=step_s), step_s=step_s, **facts
    )
    ensure_months(ForecastPoint, starts[0], starts[-1])
    ForecastPoint.objects.bulk_create(
        ForecastPoint(
            version=version, start=instant, calls=value, lower=value * 0.8, upper=value * 1.2, aht_s=aht_s
        )
        for instant, value in zip(starts, calls, strict=True)
    )
    return version
