"""Who an agent of a source is, and which queue a group is: by hand, or by what the source tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from apps.core import clock
from apps.core.dispatch import enqueue
from apps.monitoring.models import AgentLink, QueueLink
from apps.monitoring.services.naming import source_of
from apps.monitoring.services.writing import insert_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from apps.monitoring.types import AgentFacts, GroupFacts

_KEY = ("source_id", "external_id")


def note_link_by_hand(link: AgentLink | QueueLink, *, changed: Collection[str]) -> None:
    """Mark a link that a person is about to save: synchronisations leave it, and history follows it."""
    if isinstance(link, AgentLink):
        link.is_by_hand = link.is_by_hand or "employee" in changed
    elif "queue" in changed:
        link.is_by_hand = True
        if link.queue_id is not None:
            link.is_history_due = True
            _take_history_soon()


@transaction.atomic
def describe_agents(source: str, agents: Sequence[AgentFacts]) -> int:
    """Note a source's whole directory of agents, and who is no longer in it; give how many rows changed."""
    row = source_of(source)
    once = {agent.id: agent for agent in agents}
    size = len(once)
    AgentLink.objects.filter(source=row, is_listed=True).exclude(external_id__in=once).update(is_listed=False)
    columns: dict[str, tuple[str, list[Any]]] = {
        "source_id": ("bigint", [row.pk] * size),
        "external_id": ("text", list(once)),
        "name": ("text", [agent.name for agent in once.values()]),
        "number": ("text", [agent.number for agent in once.values()]),
        "login": ("text", [agent.login for agent in once.values()]),
        "is_by_hand": ("boolean", [False] * size),
        "is_listed": ("boolean", [True] * size),
        "first_seen_at": ("timestamptz", [clock.now()] * size),
    }
    told = ("name", "number", "login", "is_listed")
    return len(insert_rows(AgentLink, columns, key=_KEY, update=told))


@transaction.atomic
def describe_groups(source: str, groups: Sequence[GroupFacts]) -> int:
    """Note a source's whole directory of groups likewise."""
    row = source_of(source)
    once = {group.id: group for group in groups}
    size = len(once)
    QueueLink.objects.filter(source=row, is_listed=True).exclude(external_id__in=once).update(is_listed=False)
    columns: dict[str, tuple[str, list[Any]]] = {
        "source_id": ("bigint", [row.pk] * size),
        "external_id": ("text", list(once)),
        "name": ("text", [group.name for group in once.values()]),
        "service_id_there": ("text", [group.service for group in once.values()]),
        "service_name": ("text", [group.service_name for group in once.values()]),
        "channel": ("text", [group.channel for group in once.values()]),
        "is_by_hand": ("boolean", [False] * size),
        "is_history_due": ("boolean", [False] * size),
        "is_listed": ("boolean", [group.is_active for group in once.values()]),
        "first_seen_at": ("timestamptz", [clock.now()] * size),
    }
    told = ("name", "service_id_there", "service_name", "channel", "is_listed")
    return len(insert_rows(QueueLink, columns, key=_KEY, update=told))


@transaction.atomic
def link_agents(source: str, employees: Mapping[str, int]) -> int:
    """Link agents to employees, by external id; what was linked by hand stays. Gives how many changed."""
    links = AgentLink.objects.select_for_update().filter(
        source__code=source, external_id__in=employees, is_by_hand=False
    )
    changed = [link for link in links if link.employee_id != employees[link.external_id]]
    for link in changed:
        link.employee_id = employees[link.external_id]
    AgentLink.objects.bulk_update(changed, ["employee"], batch_size=1000)
    return len(changed)


@transaction.atomic
def link_groups(source: str, queues: Mapping[str, int]) -> int:
    """Link groups to queues likewise; what was received of a group follows it into the queue's history."""
    links = QueueLink.objects.select_for_update().filter(
        source__code=source, external_id__in=queues, is_by_hand=False
    )
    changed = [link for link in links if link.queue_id != queues[link.external_id]]
    for link in changed:
        link.queue_id = queues[link.external_id]
        link.is_history_due = True
    QueueLink.objects.bulk_update(changed, ["queue", "is_history_due"], batch_size=1000)
    if changed:
        _take_history_soon()
    return len(changed)


def _take_history_soon() -> None:
    enqueue("monitoring.take_due_history", queue="bulk")
