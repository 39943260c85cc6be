"""The service to expect from a schedule: what callers will meet if these agents are on line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.queueing.checks import non_negative, positive
from apps.algorithms.queueing.erlang_a import erlang_a
from apps.algorithms.queueing.performance import QueuePerformance, ServiceLevelDefinition
from apps.algorithms.staffing.requirement import offered_load

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from apps.algorithms.queueing.checks import FloatArray


@dataclass(frozen=True)
class ServiceTotals:
    """Totals over the intervals.

    Attributes
    ----------
    calls
        Offered calls.
    service_level, p_abandon
        Shares weighted by offered calls; NaN without calls.
    asa_s
        Mean wait weighted by offered calls, seconds; infinite if it is in any interval; NaN without calls.
    occupancy
        Handling time / time on line; NaN without agents.
    unstable_calls
        Offered calls in intervals whose queue grows without bound (Erlang C, agents <= load).

    """

    calls: float
    service_level: float
    asa_s: float
    occupancy: float
    p_abandon: float
    unstable_calls: float


@dataclass(frozen=True)
class ServiceExpectation:
    """`performance` and `load_erl` hold a value per interval, in the broadcast shape of the parameters."""

    load_erl: FloatArray
    performance: QueuePerformance
    totals: ServiceTotals


def expected_service(
    agents: ArrayLike,
    calls: ArrayLike,
    aht_s: ArrayLike,
    *,
    step_s: ArrayLike,
    threshold_s: ArrayLike,
    patience_s: ArrayLike | None = None,
    definition: ServiceLevelDefinition = ServiceLevelDefinition.OFFERED,
) -> ServiceExpectation:
    """Return the service that `agents` on line give to the forecast calls, interval by interval.

    Each interval is taken in steady state (stationary, independent intervals). With a patience the model is
    Erlang A; without it Erlang C, where an interval with ``agents <= load`` has service level 0 and an
    infinite ASA.

    Parameters
    ----------
    agents
        Agents on line, ``>= 0``, real numbers allowed (means over an interval, shares of multi-skilled
        people).
    calls, aht_s, step_s
        As in `offered_load`; all parameters broadcast to one shape.
    threshold_s
        Acceptable wait of the service level, seconds, ``>= 0``.
    patience_s
        Mean patience, seconds, ``> 0``, or None.
    definition
        Which share the service level is.

    Raises
    ------
    QueueingError
        An element is outside its range.

    """
    load, on_line, expected, step = np.broadcast_arrays(
        offered_load(calls, aht_s, step_s),
        non_negative("agents", agents),
        non_negative("calls", calls),
        positive("step_s", step_s),
    )
    performance = erlang_a(
        on_line,
        load,
        aht_s=np.where(load > 0, np.asarray(aht_s, dtype=np.float64), 1.0),
        threshold_s=threshold_s,
        patience_s=np.inf if patience_s is None else patience_s,
        definition=definition,
    )
    totals = _totals(performance, on_line * step, expected)
    return ServiceExpectation(load_erl=load, performance=performance, totals=totals)


def _totals(performance: QueuePerformance, agent_s: FloatArray, calls: FloatArray) -> ServiceTotals:
    with_calls = calls > 0
    weight = calls[with_calls]
    offered, on_line_s = float(weight.sum()), float(agent_s.sum())

    def weighted(values: FloatArray) -> float:
        return float((values[with_calls] * weight).sum() / offered) if offered else float("nan")

    unstable = np.isinf(performance.asa_s[with_calls])
    return ServiceTotals(
        calls=offered,
        service_level=weighted(performance.service_level),
        asa_s=weighted(performance.asa_s),
        occupancy=float((performance.occupancy * agent_s).sum()) / on_line_s if on_line_s else float("nan"),
        p_abandon=weighted(performance.p_abandon),
        unstable_calls=float(weight[unstable].sum()),
    )
