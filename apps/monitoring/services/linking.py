"""Who an agent of a source is, and which queue a group is: by hand, or by what the source tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.dispatch import enqueue
from apps.monitoring.models import AgentLink, QueueLink

if TYPE_CHECKING:
    from collections.abc import Collection


def note_link_by_hand(link: AgentLink | QueueLink, *, changed: Collection[str]) -> None:
    """Mark a link that a person is about to save: synchronisations leave it, and history follows it."""
    if isinstance(link, AgentLink):
        link.is_by_hand = link.is_by_hand or "employee" in changed
    elif "queue" in changed:
        link.is_by_hand = True
        if link.queue_id is not None:
            link.is_history_due = True
            enqueue("monitoring.take_due_history", queue="bulk")
