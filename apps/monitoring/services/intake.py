"""The one door by which contact centres' data come in, whatever brought them: push, socket, polling, history.

Everything may come late, twice, in any order or not at all: history is made of what is known, and is the same
as if it had come in order. Nothing is refused because an id or a status is unknown.
"""

from apps.monitoring.choices import FeedState, Transport
from apps.monitoring.services.changes import accept_changes, apply_pending, receive_changes
from apps.monitoring.services.hearing import (
    end_turn,
    heard,
    receive_clock,
    receive_date,
    set_feed_state,
    take_turn,
)
from apps.monitoring.services.measuring import (
    receive_chat_work,
    receive_contacts,
    receive_group_intervals,
    receive_loads,
    receive_logins,
)
from apps.monitoring.services.notifying import on_change
from apps.monitoring.services.present import receive_present
from apps.monitoring.services.spans import receive_spans

__all__ = [
    "FeedState",
    "Transport",
    "accept_changes",
    "apply_pending",
    "end_turn",
    "heard",
    "on_change",
    "receive_changes",
    "receive_chat_work",
    "receive_clock",
    "receive_contacts",
    "receive_date",
    "receive_group_intervals",
    "receive_loads",
    "receive_logins",
    "receive_present",
    "receive_spans",
    "set_feed_state",
    "take_turn",
]
