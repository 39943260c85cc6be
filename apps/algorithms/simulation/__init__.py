"""A contact centre in discrete events: who calls, who waits, who answers, what every agent does meanwhile.

Times are seconds since 1970 as floats. What a run gives follows from the seed and the plans alone, not from
how `CentreSimulation.advance` is cut into steps: so the same day can be run at once or live.
"""

from apps.algorithms.simulation.centre import CentreSimulation
from apps.algorithms.simulation.duties import follow_schedule
from apps.algorithms.simulation.errors import SimulationError
from apps.algorithms.simulation.records import ContactTable, LoginTable, Outcome, StateTable
from apps.algorithms.simulation.types import (
    OPEN,
    READY,
    TALK,
    WORK,
    WRAP_UP,
    AgentPlan,
    Arrivals,
    Channel,
    Deviations,
    Duty,
    GroupPlan,
    Handling,
    Patience,
    StateChange,
)

__all__ = [
    "OPEN",
    "READY",
    "TALK",
    "WORK",
    "WRAP_UP",
    "AgentPlan",
    "Arrivals",
    "CentreSimulation",
    "Channel",
    "ContactTable",
    "Deviations",
    "Duty",
    "GroupPlan",
    "Handling",
    "LoginTable",
    "Outcome",
    "Patience",
    "SimulationError",
    "StateChange",
    "StateTable",
    "follow_schedule",
]
