"""What contact centres tell: sources and their clocks, statuses, agents and groups, states, measures."""

from apps.monitoring.models.directory import AgentLink, AgentStatus, QueueLink
from apps.monitoring.models.measures import (
    AgentContact,
    AgentLogin,
    ChatWork,
    GroupInterval,
    QueueSnapshot,
)
from apps.monitoring.models.sources import Feed, Source
from apps.monitoring.models.states import AgentEvent, AgentStateInterval, CurrentState

__all__ = [
    "AgentContact",
    "AgentEvent",
    "AgentLink",
    "AgentLogin",
    "AgentStateInterval",
    "AgentStatus",
    "ChatWork",
    "CurrentState",
    "Feed",
    "GroupInterval",
    "QueueLink",
    "QueueSnapshot",
    "Source",
]
