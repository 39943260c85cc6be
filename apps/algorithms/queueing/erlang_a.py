"""Erlang A (M/M/n+M): as Erlang C, with callers whose patience is exponential.

With ``x = n patience / aht``, ``y = a patience / aht``, ``rho = a / n``, Palm's series ``A = A(x, y)``,
``E = 1 / B(n-1, a)`` and ``D = E + rho A``:

* p_wait ``= rho A / D``; p_abandon ``= (1 - (1 - rho) A) / D``; mean wait ``= p_abandon * patience``;
* answered ``= (E + A - 1) / D``; answered after T ``= h (A_T - 1) / D``, where
  ``A_T = A(x, y exp(-T/patience))`` and ``h = exp(y (1 - exp(-T/patience)) - x T/patience)``;
  still in queue at T ``= exp(-T/patience) h rho A_T / D``.

References
----------
C. Palm, 1957; O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient customers",
M&SOM 4 (2002); A. Mandelbaum, S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue", 2007.

"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

from apps.algorithms.queueing.checks import non_negative, positive
from apps.algorithms.queueing.erlang_c import erlang_c
from apps.algorithms.queueing.incomplete_gamma import log_inverse_erlang_b, log_palm_series
from apps.algorithms.queueing.performance import QueuePerformance, ServiceLevelDefinition

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from apps.algorithms.queueing.checks import BoolArray, FloatArray


_NOBODY = 1e-9
_TINY = np.finfo(np.float64).tiny


class _Shares(NamedTuple):
    """Shares of offered calls."""

    waits: FloatArray
    answered: FloatArray
    abandons: FloatArray
    answered_late: FloatArray
    still_queued_at_threshold: FloatArray


def erlang_a(
    agents: ArrayLike,
    load_erl: ArrayLike,
    *,
    aht_s: ArrayLike,
    threshold_s: ArrayLike,
    patience_s: ArrayLike,
    definition: ServiceLevelDefinition = ServiceLevelDefinition.OFFERED,
) -> QueuePerformance:
    """Return the performance of a queue whose callers hang up after an exponential patience.

    There is a steady state at any load. No agents (below 1e-9): everyone hangs up. No load: nobody waits,
    occupancy 0.
    Where patience is infinite the values are those of `erlang_c`.

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
    patience_s
        Mean time a caller is ready to wait, seconds, ``> 0``; infinity allowed.
    definition
        Which share the service level is.

    Raises
    ------
    QueueingError
        An element is outside its range.

    """
    n, a, aht, threshold, patience = np.broadcast_arrays(
        non_negative("agents", agents),
        non_negative("load_erl", load_erl),
        positive("aht_s", aht_s),
        non_negative("threshold_s", threshold_s),
        positive("patience_s", patience_s, allow_infinite=True),
    )
    result = erlang_c(n, a, aht_s=aht, threshold_s=threshold)
    _fill_unattended(result, (a > 0) & (n < _NOBODY) & np.isfinite(patience), patience, threshold, definition)
    busy = (a > 0) & (n >= _NOBODY) & np.isfinite(patience)
    n, a, aht, threshold, patience = n[busy], a[busy], aht[busy], threshold[busy], patience[busy]
    shares = _shares(n, a, aht, threshold, patience)
    result.p_wait[busy] = shares.waits
    result.p_abandon[busy] = shares.abandons
    result.asa_s[busy] = shares.abandons * patience
    result.occupancy[busy] = np.minimum(a * shares.answered / n, 1.0)
    result.service_level[busy] = _service_level(shares, definition)
    return result


def _fill_unattended(
    result: QueuePerformance,
    where: BoolArray,
    patience: FloatArray,
    threshold: FloatArray,
    definition: ServiceLevelDefinition,
) -> None:
    result.p_abandon[where] = 1.0
    result.asa_s[where] = patience[where]
    result.occupancy[where] = 0.0
    if definition is ServiceLevelDefinition.WAITED:
        result.service_level[where] = -np.expm1(-threshold[where] / patience[where])


def _shares(
    n: FloatArray, a: FloatArray, aht: FloatArray, threshold: FloatArray, patience: FloatArray
) -> _Shares:
    rho = a / n
    servers, demand = n * patience / aht, np.maximum(a * patience / aht, _TINY)
    elapsed = threshold / patience
    log_inverse = np.maximum(log_inverse_erlang_b(n, a), _TINY)
    log_blocked = log_inverse + np.log(-np.expm1(-log_inverse)) + np.log(rho)
    log_queue = np.log(rho) + log_palm_series(servers, demand)
    log_late = log_palm_series(servers, demand * np.exp(-elapsed))
    log_survive = -demand * np.expm1(-elapsed) - servers * elapsed
    log_all = np.logaddexp(log_blocked, log_queue)
    nothing, late = np.exp(-log_all), np.exp(log_survive + log_late - log_all)
    waits, served_at_once = expit(log_queue - log_blocked), expit(log_blocked - log_queue)
    return _Shares(
        waits=waits,
        answered=np.clip(served_at_once + waits / rho - nothing, 0.0, 1.0),
        abandons=np.clip(nothing + waits - waits / rho, 0.0, 1.0),
        answered_late=np.maximum(late - np.exp(log_survive - log_all), 0.0),
        still_queued_at_threshold=np.clip(rho * late * np.exp(-elapsed), 0.0, 1.0),
    )


def _service_level(shares: _Shares, definition: ServiceLevelDefinition) -> FloatArray:
    in_time = np.clip(shares.answered - shares.answered_late, 0.0, 1.0)
    if definition is ServiceLevelDefinition.OFFERED:
        return in_time
    if definition is ServiceLevelDefinition.ANSWERED:
        return np.minimum(in_time / shares.answered, 1.0)
    if definition is ServiceLevelDefinition.LONG_ABANDONED:
        return in_time / (in_time + shares.still_queued_at_threshold)
    return 1.0 - shares.still_queued_at_threshold
