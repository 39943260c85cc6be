"""Steady-state queues of a contact centre: Erlang B, C and A, exact and for all intervals at once.

Owns the formulas and the search for the smallest head-count; knows nothing of forecasts or schedules.
Times are seconds, loads erlang (calls x AHT / interval length).
"""

from apps.algorithms.queueing.erlang_a import erlang_a
from apps.algorithms.queueing.erlang_c import erlang_b, erlang_c
from apps.algorithms.queueing.errors import PatienceUndefinedError, QueueingError
from apps.algorithms.queueing.minimum_agents import minimum_agents
from apps.algorithms.queueing.performance import QueuePerformance, ServiceLevelDefinition
from apps.algorithms.queueing.targets import ServiceTarget

__all__ = [
    "PatienceUndefinedError",
    "QueuePerformance",
    "QueueingError",
    "ServiceLevelDefinition",
    "ServiceTarget",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "minimum_agents",
]
