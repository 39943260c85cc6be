"""The least number of agents by hour of a day, laid over days of a queue."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core import zones
from apps.core.errors import DomainError
from apps.core.locks import advisory_lock
from apps.organization.selectors import queue_by_id
from apps.staffing.choices import Coefficient
from apps.staffing.models import CoefficientSpan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from apps.accounts.models import User
    from apps.organization.models import Queue

HOURS = 24
MOST_DAYS = 366
MOST_AGENTS = 10_000
_Span = tuple[dt.datetime, dt.datetime, "Decimal"]


@transaction.atomic
def set_minimums(
    *,
    queue_id: int,
    first_day: dt.date,
    last_day: dt.date,
    by_hour: Sequence[Decimal],
    actor: User | None,
    dry_run: bool = False,
) -> tuple[int, int]:
    """Require at least `by_hour` agents in each hour of the days, both included, by the queue's clock.

    Spans of least agents that lay over these days are replaced; what they said of other days stays. The same
    again changes nothing. Gives the hours (of 24) that changed on some day, and those that did not; a dry run
    only counts. An hour that a clock change leaves out is passed over, one that it repeats counts twice.

    Raises
    ------
    NotAllowedError, NotFoundError
        The actor may not derive requirements; there is no such queue.
    DomainError
        By field: not 24 hours, agents below zero or too many, days in the wrong order or too many.

    """
    require(actor, Capability.DERIVE_REQUIREMENT)
    queue = queue_by_id(queue_id)
    _check(first_day, last_day, by_hour)
    advisory_lock(f"staffing.minimums:{queue_id}")
    start, end = zones.midnight(first_day, queue.time_zone), zones.midnight(_after(last_day), queue.time_zone)
    rows = CoefficientSpan.objects.filter(
        queue=queue, kind=Coefficient.MINIMUM, start__lt=end, end__gt=start
    ).order_by("start")
    held = [(row.start, row.end, row.value) for row in rows]
    bounds = _hours(queue, first_day, last_day)
    wanted = [(begin, stop, by_hour[hour]) for hour, begin, stop in bounds]
    changed = {hour for hour, begin, stop in bounds if not _holds(held, begin, stop, by_hour[hour])}
    if changed and not dry_run:
        outside = _outside(held, start, end)
        rows.delete()
        CoefficientSpan.objects.bulk_create(
            CoefficientSpan(queue=queue, kind=Coefficient.MINIMUM, start=begin, end=stop, value=value)
            for begin, stop, value in sorted([*_joined(wanted), *outside])
        )
        _tell(queue, first_day, last_day, by_hour, actor)
    return len(changed), HOURS - len(changed)


def _check(first_day: dt.date, last_day: dt.date, by_hour: Sequence[Decimal]) -> None:
    fields: dict[str, list[str]] = {}
    if len(by_hour) != HOURS:
        fields["by_hour"] = [_("A day has 24 hours, not %(count)d.") % {"count": len(by_hour)}]
    elif not all(0 <= agents <= MOST_AGENTS for agents in by_hour):
        fields["by_hour"] = [_("From 0 to %(most)d agents.") % {"most": MOST_AGENTS}]
    if last_day < first_day:
        fields["last_day"] = [_("The last day is before the first.")]
    elif (last_day - first_day).days >= MOST_DAYS:
        fields["last_day"] = [_("A year at most.")]
    if fields:
        raise DomainError(next(iter(fields.values()))[0], fields=fields)


def _hours(queue: Queue, first: dt.date, last: dt.date) -> list[tuple[int, dt.datetime, dt.datetime]]:
    """Give the hour of the clock, the start and the end (UTC) of every hour of the days, in order."""
    edges = np.arange(np.datetime64(first, "h"), np.datetime64(_after(last), "h") + 1)
    instants = [zones.to_datetime(instant) for instant in zones.resolve(edges, queue.time_zone).utc]
    return [
        (place % HOURS, begin, stop) for place, (begin, stop) in enumerate(pairwise(instants)) if begin < stop
    ]


def _holds(held: Sequence[_Span], start: dt.datetime, end: dt.datetime, value: Decimal) -> bool:
    """Tell whether spans say of the whole hour that these agents are the least."""
    within = [span for span in held if span[0] < end and span[1] > start]
    covered = bool(within) and within[0][0] <= start and within[-1][1] >= end
    gapless = all(one[1] == other[0] for one, other in pairwise(within))
    return covered and gapless and all(span[2] == value for span in within)


def _joined(spans: Sequence[_Span]) -> list[_Span]:
    """Join spans of one value that follow each other."""
    joined: list[_Span] = []
    for start, end, value in spans:
        if joined and joined[-1][1] == start and joined[-1][2] == value:
            joined[-1] = (joined[-1][0], end, value)
        else:
            joined.append((start, end, value))
    return joined


def _outside(held: Sequence[_Span], start: dt.datetime, end: dt.datetime) -> list[_Span]:
    """Give what the spans say before and after the days."""
    before = [(span[0], start, span[2]) for span in held if span[0] < start]
    return before + [(end, span[1], span[2]) for span in held if span[1] > end]


def _tell(
    queue: Queue, first: dt.date, last: dt.date, by_hour: Sequence[Decimal], actor: User | None
) -> None:
    facts = {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "by_hour": [float(agents) for agents in by_hour],
    }
    record(action="staffing.set_minimums", obj=queue, actor=actor, after=facts)


def _after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)
