"""Independent, slow ways to the same numbers: exact decimals for Erlang C, a sum over states for Erlang A."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, getcontext

import numpy as np
from scipy.special import betainc, gammaln

getcontext().prec = 60
_SHARE = Decimal("1e-12")


def decimal_erlang_c(agents: int, load: Decimal) -> Decimal:
    """P(wait) by the recursion of the inverse of Erlang B, in 60 decimal digits."""
    inverse = Decimal(1)
    for head in range(1, agents + 1):
        inverse = 1 + inverse * head / load
    lost = 1 / inverse
    return agents * lost / (agents - load * (1 - lost))


def decimal_service_level(agents: int, load: Decimal, aht_s: Decimal, threshold_s: Decimal) -> Decimal:
    return 1 - decimal_erlang_c(agents, load) * (-(agents - load) * threshold_s / aht_s).exp()


def decimal_asa_s(agents: int, load: Decimal, aht_s: Decimal) -> Decimal:
    return decimal_erlang_c(agents, load) * aht_s / (agents - load)


def brute_force_minimum_c(load: float, aht_s: float, service_level: str, threshold_s: float) -> int:
    """Try every stable head-count from the smallest up, in exact arithmetic on the given binary load."""
    exact, aht, threshold = Decimal(load), Decimal(aht_s), Decimal(threshold_s)
    agents = int(exact) + 1
    while decimal_service_level(agents, exact, aht, threshold) < Decimal(service_level) - _SHARE:
        agents += 1
    return agents


@dataclass(frozen=True)
class StateSum:
    """Erlang A summed state by state; an arrival behind k others is answered after a hypoexponential wait."""

    p_wait: float
    answered_in_time: float
    waited_in_time: float
    p_abandon: float
    mean_wait_s: float


def state_sum_erlang_a(
    agents: int, load: float, *, aht_s: float, threshold_s: float, patience_s: float
) -> StateSum:
    x, elapsed = agents * patience_s / aht_s, threshold_s / patience_s
    places = int(20 * (np.sqrt(load) + 10) + 3 * load * max(patience_s / aht_s, 1) + 200)
    below = np.arange(agents)
    log_below = below * np.log(load) - gammaln(below + 1)
    log_full = agents * np.log(load) - gammaln(agents + 1)
    rates = load / (agents + np.arange(1, places + 1) * aht_s / patience_s)
    log_above = log_full + np.concatenate(([0.0], np.cumsum(np.log(rates))))
    top = max(log_above.max(), log_below.max() if agents else -np.inf)
    p_below, p_above = np.exp(log_below - top), np.exp(log_above - top)
    total = p_below.sum() + p_above.sum()
    p_below, p_above = p_below / total, p_above / total
    behind = np.arange(places + 1)
    reaches = x / (x + behind + 1)
    in_time = reaches * betainc(behind + 1, x + 1, -np.expm1(-elapsed))
    p_abandon = float((p_above * (1 - reaches)).sum())
    still_queued = float((p_above * betainc(x, behind + 1, np.exp(-elapsed))).sum()) * np.exp(-elapsed)
    return StateSum(
        p_wait=float(p_above.sum()),
        answered_in_time=float(p_below.sum() + (p_above * in_time).sum()),
        waited_in_time=1 - still_queued,
        p_abandon=p_abandon,
        mean_wait_s=float((p_above * behind).sum()) * aht_s / load,
    )
