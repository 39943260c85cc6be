from __future__ import annotations

from typing import TYPE_CHECKING

from apps.monitoring.models import CurrentState, QueueSnapshot

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from django.db.models import QuerySet


def current_states(*, source: str = "", employee_ids: Iterable[int] | None = None) -> QuerySet[CurrentState]:
    """Give what agents do now, one row for each agent and source; no status once somebody has left."""
    states = CurrentState.objects.select_related("agent__employee", "agent__source", "status")
    if source:
        states = states.filter(agent__source__code=source)
    if employee_ids is not None:
        states = states.filter(agent__employee__in=employee_ids)
    return states.order_by("agent")


def latest_loads(*, after: dt.datetime, source: str = "") -> QuerySet[QueueSnapshot]:
    """Give the newest snapshot of each group, none from before `after` (a moment ago: all since are read)."""
    snapshots = QueueSnapshot.objects.filter(start__gt=after)
    if source:
        snapshots = snapshots.filter(group__source__code=source)
    return (
        snapshots.select_related("group__queue", "group__source")
        .order_by("group_id", "-start")
        .distinct("group_id")
    )
