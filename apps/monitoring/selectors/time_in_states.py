"""Time of people in statuses: several systems at once count once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from apps.core import clock
from apps.monitoring.models import AgentStateInterval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

_WORKED = """
WITH spans AS (
  SELECT l.employee_id, greatest(i.start, %(start)s) AS began,
         least(coalesce(i."end", %(now)s), %(end)s) AS ended
  FROM monitoring_agentstateinterval i
  JOIN monitoring_agentlink l ON l.id = i.agent_id
  JOIN monitoring_agentstatus s ON s.id = i.status_id
  WHERE l.employee_id = ANY(%(people)s) AND i.start < %(end)s AND (i."end" > %(start)s OR i."end" IS NULL)
    AND (%(flag)s = '' OR (to_jsonb(s) ->> %(flag)s)::boolean)
), merged AS (
  SELECT employee_id, unnest(range_agg(tstzrange(began, ended))) AS span
  FROM spans WHERE ended > began GROUP BY employee_id
)
SELECT employee_id, round(sum(extract(epoch FROM upper(span) - lower(span))) * 1000)::bigint
FROM merged GROUP BY employee_id
"""
_IN_CONTACTS = """
WITH merged AS (
  SELECT c.agent_id,
         unnest(range_agg(tstzrange(greatest(c.start, %(start)s), least(c."end", %(end)s)))) AS span
  FROM monitoring_agentcontact c
  WHERE c.agent_id = ANY(%(agents)s) AND c.start < %(end)s AND c.start > %(reach)s AND c."end" > %(start)s
  GROUP BY c.agent_id
)
SELECT agent_id, round(sum(extract(epoch FROM upper(span) - lower(span))) * 1000)::bigint
FROM merged GROUP BY agent_id
"""
LONGEST_CONTACT = dt.timedelta(days=31)
FLAGS = frozenset(
    {
        "is_present",
        "is_productive",
        "is_clean_load",
        "is_actual_time",
        "is_talk",
        "is_wrap_up",
        "is_break",
    }
)


def state_intervals(
    start: dt.datetime, end: dt.datetime, *, employee_ids: Iterable[int] | None = None, source: str = ""
) -> QuerySet[AgentStateInterval]:
    """Give the statuses that touch `[start, end)`, of known people or of all agents of a source."""
    rows = AgentStateInterval.objects.select_related("agent", "status").filter(
        Q(end__gt=start) | Q(end__isnull=True), start__lt=end
    )
    if employee_ids is not None:
        rows = rows.filter(agent__employee__in=employee_ids)
    if source:
        rows = rows.filter(agent__source__code=source)
    return rows.order_by("agent", "start")


def worked_ms(
    employee_ids: Iterable[int], start: dt.datetime, end: dt.datetime, *, flag: str = ""
) -> dict[int, int]:
    """Give milliseconds in statuses of a class (`is_productive`; empty: any) in `[start, end)`, by person.

    Statuses of several systems at once count once; one that lasts is counted up to now.
    """
    if flag and flag not in FLAGS:
        raise ValueError(f"Statuses have no class {flag}.")
    with connection.cursor() as cursor:
        cursor.execute(
            _WORKED,
            {"people": list(employee_ids), "start": start, "end": end, "flag": flag, "now": clock.now()},
        )
        return dict(cursor.fetchall())


def in_contacts_ms(agent_ids: Iterable[int], start: dt.datetime, end: dt.datetime) -> dict[int, int]:
    """Give milliseconds in contacts within `[start, end)`, by agent link; parallel ones count once."""
    with connection.cursor() as cursor:
        cursor.execute(
            _IN_CONTACTS,
            {"agents": list(agent_ids), "start": start, "end": end, "reach": start - LONGEST_CONTACT},
        )
        return dict(cursor.fetchall())
