"""Service targets and requirement versions, without deriving anything."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.core.partitions import ensure_months
from apps.staffing.models import RequirementPoint, RequirementVersion, StaffingTarget
from tests.factories.forecasts import make_forecast
from tests.factories.sequence import next_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.models import Queue


def make_target(queue: Queue, **facts: Any) -> StaffingTarget:
    """Make a target of 80 % within 20 s by Erlang C since 2020."""
    return StaffingTarget.objects.create(queue=queue, **({"valid_from": dt.date(2020, 1, 1)} | facts))


def make_requirement(
    queue: Queue, start: dt.datetime, required: Sequence[int], *, step_s: int = 900, **facts: Any
) -> RequirementVersion:
    """Make an active version from `start` (aware) that requires these agents, and a forecast it stands on."""
    starts = [start + dt.timedelta(seconds=step_s * index) for index in range(len(required))]
    if "forecast" not in facts:
        calls = [agents * step_s / 200 for agents in required]
        facts["forecast"] = make_forecast(queue, start, calls, step_s=step_s)
    facts = {"number": next_number(), "code_version": "test"} | facts
    version = RequirementVersion.objects.create(
        queue=queue, start=start, end=starts[-1] + dt.timedelta(seconds=step_s), step_s=step_s, **facts
    )
    ensure_months(RequirementPoint, starts[0], starts[-1])
    RequirementPoint.objects.bulk_create(
        RequirementPoint(
            version=version, start=instant, load_erl=agents * 0.9, positions=agents, required=agents
        )
        for instant, agents in zip(starts, required, strict=True)
    )
    return version
