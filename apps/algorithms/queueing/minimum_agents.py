"""The smallest head-count that keeps a service target, for every interval at once.

All measures are monotone in the number of agents, so the first head-count that meets the target is the
answer. Erlang C climbs from the smallest stable one by the recursion of Erlang B; Erlang A, which has no
such recursion and may need fewer agents than the load, closes a bracket by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.queueing.checks import non_negative, positive
from apps.algorithms.queueing.erlang_a import erlang_a
from apps.algorithms.queueing.erlang_c import waiting_probability
from apps.algorithms.queueing.errors import QueueingError
from apps.algorithms.queueing.incomplete_gamma import log_inverse_erlang_b
from apps.algorithms.queueing.performance import QueuePerformance
from apps.algorithms.queueing.targets import TOLERANCE, ServiceTarget

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from apps.algorithms.queueing.checks import BoolArray, FloatArray, IntArray


def minimum_agents(
    load_erl: ArrayLike,
    *,
    aht_s: ArrayLike,
    target: ServiceTarget,
    patience_s: ArrayLike | None = None,
) -> IntArray:
    """Return the fewest agents that meet `target` in each interval: at least 1, or 0 without load.

    Parameters
    ----------
    load_erl
        Offered load, erlang, ``>= 0``; all parameters broadcast to one shape.
    aht_s
        Mean handle time, seconds, ``> 0`` where there is load (elsewhere it is not looked at).
    target
        What must hold, all of it.
    patience_s
        Mean patience, seconds, ``> 0``: Erlang A. None or an infinite element: Erlang C, whose answer
        exceeds the load.

    Raises
    ------
    QueueingError
        An element is outside its range, or an abandonment target has no finite patience.

    """
    load = non_negative("load_erl", load_erl)
    patience = positive("patience_s", np.inf if patience_s is None else patience_s, allow_infinite=True)
    load, aht, patience = np.broadcast_arrays(load, np.asarray(aht_s, dtype=np.float64), patience)
    loaded = load > 0
    positive("aht_s", np.where(loaded, aht, 1.0))
    impatient = loaded & np.isfinite(patience)
    patient = loaded & ~impatient
    if target.max_abandonment is not None and patient.any():
        raise QueueingError("max_abandonment needs a finite patience_s: without it nobody hangs up")
    agents: IntArray = np.zeros(load.shape, dtype=np.int64)
    if patient.any():
        agents[patient] = _climb(load[patient], aht[patient], target.take(load.shape, patient))
    if impatient.any():
        promised = target.take(load.shape, impatient)
        queues = _ImpatientQueues(load[impatient], aht[impatient], patience[impatient], promised)
        agents[impatient] = _bisect(queues)
    return agents


def _climb(load: FloatArray, aht: FloatArray, target: ServiceTarget) -> IntArray:
    """Erlang C: start at the least stable head-count that keeps the occupancy, add agents one by one."""
    agents = np.floor(load) + 1
    if target.max_occupancy is not None:
        agents = np.maximum(agents, np.ceil(load / (np.asarray(target.max_occupancy) + TOLERANCE)))
    lost = np.exp(-log_inverse_erlang_b(agents, load))
    rows = np.arange(load.size)
    head_count = agents.copy()
    while rows.size:
        short = ~target.met_by(_erlang_c_from_lost(agents, load, aht, target, lost))
        head_count[rows] = agents
        rows, agents, load, aht, lost = rows[short], agents[short] + 1, load[short], aht[short], lost[short]
        target = target.take(short.shape, short)
        lost = load * lost / (agents + load * lost)
    return head_count.astype(np.int64)


def _erlang_c_from_lost(
    agents: FloatArray, load: FloatArray, aht: FloatArray, target: ServiceTarget, lost: FloatArray
) -> QueuePerformance:
    p_wait = waiting_probability(agents, load, lost)
    spare = agents - load
    return QueuePerformance(
        p_wait=p_wait,
        service_level=1 - p_wait * np.exp(-spare * np.asarray(target.threshold_s) / aht),
        asa_s=p_wait * aht / spare,
        occupancy=load / agents,
        p_abandon=np.zeros_like(load),
    )


@dataclass(frozen=True)
class _ImpatientQueues:
    """The flat intervals whose callers hang up, and what they are promised."""

    load: FloatArray
    aht: FloatArray
    patience: FloatArray
    target: ServiceTarget

    def meet_target(self, agents: FloatArray, rows: IntArray) -> BoolArray:
        """Return where `agents`, one per row, are enough; no agents are never enough."""
        target = self.target.take(self.load.shape, rows)
        performance = erlang_a(
            agents,
            self.load[rows],
            aht_s=self.aht[rows],
            threshold_s=target.threshold_s,
            patience_s=self.patience[rows],
            definition=target.definition,
        )
        return (agents > 0) & target.met_by(performance)


def _bisect(queues: _ImpatientQueues) -> IntArray:
    """Erlang A: halve the bracket until `enough` is one more than `short`."""
    short, enough = _bracket(queues)
    rows = np.flatnonzero(enough - short > 1)
    while rows.size:
        probe = np.floor((short[rows] + enough[rows]) / 2)
        met = queues.meet_target(probe, rows)
        enough[rows[met]] = probe[met]
        short[rows[~met]] = probe[~met]
        rows = rows[enough[rows] - short[rows] > 1]
    return enough.astype(np.int64)


def _bracket(queues: _ImpatientQueues) -> tuple[FloatArray, FloatArray]:
    """Gallop from the load, down where it is enough and up where it is short, until both sides are known."""
    start = np.ceil(queues.load)
    rows = np.arange(start.size)
    falls = queues.meet_target(start, rows)
    short, enough = np.where(falls, 0.0, start), np.where(falls, start, np.inf)
    stride = np.ceil(np.sqrt(start) / 2)
    while rows.size:
        down = falls[rows]
        probe = np.where(down, np.maximum(enough[rows] - stride, 0), short[rows] + stride)
        met = queues.meet_target(probe, rows)
        enough[rows[met]] = probe[met]
        short[rows[~met]] = probe[~met]
        rows, stride = rows[met == down], 2 * stride[met == down]
    return short, enough
