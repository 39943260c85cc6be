"""Our own store in the shape of a contact centre's history, for systems that read such."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Q, Sum
from django.utils.translation import gettext_noop as _

from apps.core import zones
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.demand.selectors import recorded_step_s, stored_rows
from apps.monitoring.models import AgentStateInterval, GroupInterval
from apps.organization.models import Queue
from apps.organization.selectors import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.demand.types import HistoryRows, IntArray

MOST_IDS = 100
MOST_SPAN = dt.timedelta(days=62)
MOST_STATES = 200_000
FINER = _("The history of group %(group)s has intervals of %(have)d minutes: ask for no shorter ones.")
UNEVEN = _("The history of group %(group)s has intervals of %(have)d minutes: ask for a multiple of that.")
TOO_MANY = _("There are more than %(most)d statuses: ask for fewer agents or days.")


def group_data(
    start: dt.datetime, end: dt.datetime, step_ms: int, groups: Sequence[str]
) -> list[dict[str, Any]]:
    """Give the contacts of queues by interval of `[start, end)`; a group's id is the centre's, else our code.

    The grid begins at midnight of the first day on the queue's clock; empty intervals are left out.
    Raises `DomainError` when the history is kept by intervals that do not make up those asked for.
    """
    queues = Queue.objects.filter(members=None).select_related("service").order_by("pk")
    if groups:
        queues = queues.filter(Q(external_id__in=groups) | Q(external_id="", code__in=groups))
    found = list(queues)
    uniques = _unique_counts([queue.pk for queue in found], start, end)
    data = []
    for queue in found:
        rows = stored_rows(queue.pk, start, end)
        if not len(rows):
            continue
        name = queue.external_id or queue.code
        have_s = recorded_step_s(queue.pk, start)
        if step_ms < have_s * 1000 or step_ms % (have_s * 1000):
            words = FINER if step_ms < have_s * 1000 else UNEVEN
            told = Phrase(words, {"group": name, "have": have_s // 60})
            raise DomainError(told, fields={"step": [str(told)]})
        data.append(
            {
                "serviceId": queue.service.code,
                "groupId": name,
                "historicData": _intervals(rows, _midnight(start, queue), step_ms, uniques[queue.pk]),
            }
        )
    return data


def _midnight(start: dt.datetime, queue: Queue) -> Any:
    """Give the instant at which the asked day begins for the queue, in milliseconds."""
    local = start.astimezone(zone_of(queue)).replace(hour=0, minute=0, second=0, microsecond=0)
    return zones.to_instant(local).astype("datetime64[ms]")


def _intervals(
    rows: HistoryRows, midnight: Any, step_ms: int, uniques: dict[dt.datetime, tuple[int, int, int]]
) -> list[dict[str, Any]]:
    bins = (rows.starts.astype("datetime64[ms]") - midnight).astype(np.int64) // step_ms
    first_of, index = np.unique(bins, return_inverse=True)

    def summed(values: IntArray) -> IntArray:
        return np.bincount(index, np.maximum(values, 0), minlength=first_of.size).astype(np.int64)

    offered, handled, missed = summed(rows.offered), summed(rows.handled), summed(rows.abandoned)
    handle_s, wrap_s = summed(rows.handle_s), summed(rows.wrap_s)
    unique = np.array(
        [uniques.get(zones.to_datetime(moment), (-1, -1, -1)) for moment in rows.starts], dtype=np.int64
    ).reshape(-1, 3)
    base = np.stack([rows.offered, rows.handled, rows.abandoned], axis=1)
    counts = [summed(column) for column in np.where(unique < 0, base, unique).T]
    made = []
    for position, number in enumerate(first_of.tolist()):
        if not offered[position]:
            continue
        begins = zones.to_datetime(
            (midnight + np.timedelta64(number * step_ms, "ms")).astype("datetime64[s]")
        )
        treated = int(handled[position])
        made.append(
            {
                "startInterval": begins,
                "endInterval": begins + dt.timedelta(milliseconds=step_ms),
                "notUniqueReceived": int(offered[position]),
                "notUniqueTreated": treated,
                "notUniqueMissed": int(missed[position]),
                "receivedCalls": int(counts[0][position]),
                "treatedCalls": int(counts[1][position]),
                "missCalls": int(counts[2][position]),
                "aht": _mean_ms(int(handle_s[position] - wrap_s[position]), treated),
                "postProcessing": _mean_ms(int(wrap_s[position]), treated),
            }
        )
    return made


def _mean_ms(total_s: int, treated: int) -> int:
    return round(max(total_s, 0) * 1000 / treated) if treated else 0


def _unique_counts(
    queue_ids: Sequence[int], start: dt.datetime, end: dt.datetime
) -> defaultdict[int, dict[dt.datetime, tuple[int, int, int]]]:
    """Give unique received, treated and missed of intervals that a centre told them of."""
    rows = (
        GroupInterval.objects.filter(
            group__queue__in=queue_ids, start__gte=start, start__lt=end, unique_received__isnull=False
        )
        .values_list("group__queue", "start")
        .annotate(Sum("unique_received"), Sum("unique_treated"), Sum("unique_missed"))
    )
    counts: defaultdict[int, dict[dt.datetime, tuple[int, int, int]]] = defaultdict(dict)
    for queue_id, moment, received, treated, missed in rows:
        counts[queue_id][moment] = (received, treated or 0, missed or 0)
    return counts


def agent_data(start: dt.datetime, end: dt.datetime, agents: Sequence[str]) -> list[dict[str, Any]]:
    """Give the statuses of agents that begin or end in `[start, end)`; one that lasts has no end."""
    rows = AgentStateInterval.objects.filter(
        Q(start__gte=start, start__lt=end) | Q(end__gte=start, end__lt=end),
        start__gte=start - MOST_SPAN,
        start__lt=end,
    )
    if agents:
        rows = rows.filter(agent__external_id__in=agents)
    told: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    found = rows.select_related("agent", "status").order_by("agent", "start")[: MOST_STATES + 1]
    for count, row in enumerate(found):
        if count == MOST_STATES:
            raise DomainError(Phrase(TOO_MANY, {"most": MOST_STATES}))
        told[row.agent.external_id].append(
            {
                "startDate": row.start,
                "endDate": row.end,
                "stateCode": row.status.code,
                "stateName": row.status.name,
            }
        )
    return [{"agentId": agent, "states": states} for agent, states in told.items()]
