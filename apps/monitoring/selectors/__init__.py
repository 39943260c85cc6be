"""Reads of what contact centres tell: now, and as history."""

from apps.monitoring.selectors.feeds import feed_ages, newest_data, next_turns
from apps.monitoring.selectors.now import current_states, latest_loads
from apps.monitoring.selectors.time_in_states import in_contacts_ms, state_intervals, worked_ms
from apps.monitoring.selectors.unknown import UnknownIds, unknown_ids

__all__ = [
    "UnknownIds",
    "current_states",
    "feed_ages",
    "in_contacts_ms",
    "latest_loads",
    "newest_data",
    "next_turns",
    "state_intervals",
    "unknown_ids",
    "worked_ms",
]
