"""Coefficients of special days, derived from what the history saw on them."""

from __future__ import annotations

import datetime as dt
from statistics import median
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from apps.accounts.policies import Capability, require
from apps.algorithms.forecasting import ENGLISH, Series, day_shares
from apps.core import clock
from apps.demand.selectors import local_history, names_of_days, shifted_spans, special_days_of
from apps.forecasts.services.special_days import find_names
from apps.forecasts.types import Proposal
from apps.organization.selectors import zone_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from apps.accounts.models import User
    from apps.organization.models import Queue

HISTORY_DAYS = 1200
AHEAD_DAYS = 400
_DAY = dt.timedelta(days=1)


def propose_coefficients(*, queue: Queue, actor: User | None) -> list[Proposal]:
    """Give each special day that the history saw: its shares of an ordinary day, and their median.

    Days are named as a forecast would name them (the queue's calendar, the country of a history that was
    moved) and by the special days that planners made. Raises `NotAllowedError`.
    """
    require(actor, Capability.VIEW_PLANNING)
    today = clock.now().astimezone(zone_of(queue)).date()
    since = today - dt.timedelta(days=HISTORY_DAYS)
    end = today + dt.timedelta(days=AHEAD_DAYS)
    history = local_history(queue.pk, queue.time_zone, since, end, queue.step_minutes * 60)
    if history is None:
        return []
    spans = shifted_spans(queue.pk, queue.time_zone, since, end)
    names = dict(find_names(queue, history, spans, get_language() or ENGLISH))
    told = special_days_of(queue, history.first_day, history.first_day + len(history.calls) * _DAY)
    for item in told:
        for offset in range((item.last_day - item.first_day).days + 1):
            names[item.first_day + offset * _DAY] = item.name
    shares = day_shares(Series(history.first_day, history.step_s, history.calls), names)
    ahead: dict[str, dt.date] = {}
    for day, name in sorted(names_of_days(queue, today, end).items()):
        ahead.setdefault(name, day)
    by_name: dict[str, list[tuple[dt.date, float]]] = {}
    for day in sorted(shares):
        by_name.setdefault(names[day], []).append((day, shares[day]))
    return [
        Proposal(name, tuple(seen), round(median(share for _day, share in seen), 3), ahead.get(name))
        for name, seen in by_name.items()
        if _is_of_use(name, seen, ahead, {item.name for item in told})
    ]


def _is_of_use(
    name: str, seen: Sequence[tuple[dt.date, float]], ahead: Mapping[str, dt.date], own: Collection[str]
) -> bool:
    """Leave out the holidays that do not come again, and days on which nobody called: nothing is learned.

    What planners named themselves, a sale, comes again when they say so.
    """
    return any(share > 0 for _day, share in seen) and (name in ahead or name in own)
