"""What sources speak of that nobody has told us the meaning of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.monitoring.models import AgentLink, AgentStatus, QueueLink

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class UnknownIds:
    """Agents who are nobody of ours, groups that are no queue, statuses that count as nothing yet."""

    agents: QuerySet[AgentLink]
    groups: QuerySet[QueueLink]
    statuses: QuerySet[AgentStatus]


def unknown_ids(*, source: str = "") -> UnknownIds:
    """Give what waits to be linked or classified."""
    named = {"source__code": source} if source else {}
    return UnknownIds(
        AgentLink.objects.filter(employee=None, **named).select_related("source"),
        QueueLink.objects.filter(queue=None, **named).select_related("source"),
        AgentStatus.objects.filter(is_classified=False, **named).select_related("source"),
    )
