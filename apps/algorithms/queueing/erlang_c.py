"""Erlang B and Erlang C: Poisson arrivals, exponential handle times, callers who wait for ever.

References
----------
A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges", 1917; R. B. Cooper, "Introduction to Queueing Theory", 2nd ed., 1981, sections 3.3 and 3.4.

"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.queueing.checks import non_negative, positive
from apps.algorithms.queueing.incomplete_gamma import log_inverse_erlang_b
from apps.algorithms.queueing.performance import QueuePerformance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from apps.algorithms.queueing.checks import FloatArray


def erlang_b(agents: ArrayLike, load_erl: ArrayLike) -> FloatArray:
    """Return the share of calls lost when there are no places to wait.

    ``B = (a**n / n!) / (1 + a + a**2/2! + ... + a**n/n!)``, extended to real `agents` by the gamma function.

    Parameters
    ----------
    agents
        Heads on line, ``>= 0``, real numbers allowed, any broadcastable shape.
    load_erl
        Offered load, erlang, ``>= 0``.

    Raises
    ------
    QueueingError
        An element is negative, NaN or infinite.

    """
    n, a = np.broadcast_arrays(non_negative("agents", agents), non_negative("load_erl", load_erl))
    lost = np.where(n == 0, 1.0, 0.0)
    loaded = a > 0
    lost[loaded] = np.exp(-log_inverse_erlang_b(n[loaded], a[loaded]))
    return lost


def erlang_c(
    agents: ArrayLike, load_erl: ArrayLike, *, aht_s: ArrayLike, threshold_s: ArrayLike
) -> QueuePerformance:
    """Return the performance of a queue whose callers never hang up.

    ``C = n B / (n - a (1 - B))``, service level ``1 - C exp(-(n - a) threshold / aht)``,
    ``asa = C aht / (n - a)``, occupancy ``a / n``. Where ``n <= a`` there is no steady state and the queue
    grows: p_wait 1, service level 0, asa infinite, occupancy 1. Without load: nobody waits, occupancy 0.

    Parameters
    ----------
    agents
        Heads on line, ``>= 0``, real numbers allowed; all parameters broadcast to one shape.
    load_erl
        Offered load, erlang, ``>= 0``.
    aht_s
        Mean handle time, seconds, ``> 0``.
    threshold_s
        Acceptable wait of the service level, seconds, ``>= 0``.

    Raises
    ------
    QueueingError
        An element is outside its range.

    """
    n, a, aht, threshold = np.broadcast_arrays(
        non_negative("agents", agents),
        non_negative("load_erl", load_erl),
        positive("aht_s", aht_s),
        non_negative("threshold_s", threshold_s),
    )
    result = QueuePerformance(
        p_wait=np.where(a > 0, 1.0, 0.0),
        service_level=np.where(a > 0, 0.0, 1.0),
        asa_s=np.where(a > 0, np.inf, 0.0),
        occupancy=np.where(a > 0, 1.0, 0.0),
        p_abandon=np.zeros(n.shape),
    )
    stable = (a > 0) & (n > a)
    n, a, aht, threshold = n[stable], a[stable], aht[stable], threshold[stable]
    p_wait = waiting_probability(n, a, np.exp(-log_inverse_erlang_b(n, a)))
    result.p_wait[stable] = p_wait
    result.service_level[stable] = 1 - p_wait * np.exp(-(n - a) * threshold / aht)
    result.asa_s[stable] = p_wait * aht / (n - a)
    result.occupancy[stable] = a / n
    return result


def waiting_probability(agents: FloatArray, load_erl: FloatArray, lost: FloatArray) -> FloatArray:
    """Erlang C from Erlang B for ``agents > load_erl > 0``: ``n B / (n - a (1 - B))``."""
    return agents * lost / (agents - load_erl * (1 - lost))
