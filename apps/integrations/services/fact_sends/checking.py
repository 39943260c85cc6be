"""What can be wrong with worked time before anybody is told of it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.integrations.selectors.agents import agent_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.integrations.types import WorkedTime

MOST_AT_ONCE = 1000
LONGEST = dt.timedelta(hours=48)


def refuse_faults(
    connection_id: int, facts: Sequence[WorkedTime], zones: Mapping[tuple[int, dt.date], str]
) -> None:
    """Raise `DomainError` naming the first fact that cannot be sent (`facts.3`) and why."""
    if len(facts) > MOST_AT_ONCE:
        raise DomainError(_("At most %(most)s facts at once.") % {"most": MOST_AT_ONCE})
    agents = agent_ids(connection_id, {fact.employee_id for fact in facts})
    for index, fact in enumerate(facts):
        fault = _("This person has no id of 1C yet.")
        if fact.employee_id in agents:
            fault = _fault(fact, zones.get((fact.employee_id, fact.shift_date), ""))
        if fault:
            raise DomainError(fault, fields={f"facts.{index}": [fault]})


def _fault(fact: WorkedTime, zone: str) -> str:
    if not zone:
        return _("This person has no terms of employment.")
    stretches = sorted((start.astimezone(dt.UTC), end.astimezone(dt.UTC)) for start, end in fact.periods)
    if any(end <= start for start, end in stretches):
        return _("A stretch of work ends before it begins.")
    if any(left[1] > right[0] for left, right in pairwise(stretches)):
        return _("Two stretches of work overlap.")
    if stretches and stretches[-1][1] - stretches[0][0] > LONGEST:
        return _("The stretches of one shift lie more than two days apart.")
    first = stretches[0][0].astimezone(ZoneInfo(zone)).date() if stretches else fact.shift_date
    is_near = abs(first - fact.shift_date) <= dt.timedelta(days=1)
    return "" if is_near else _("The work does not belong to the day of the shift.")
