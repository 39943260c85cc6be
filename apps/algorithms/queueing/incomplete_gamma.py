"""Ratios of incomplete gamma functions behind the Erlang formulas, in logarithms, stable at any load.

Both Erlang B and the queue of Erlang A are ratios of a Poisson tail to a Poisson term. Tail and term
underflow together, and their textbook logarithms cancel; here the term follows Loader's saddle-point form
and the tail falls back on a series where SciPy's value would underflow.

References
----------
C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
C. Palm, "Research on telephone traffic carried by full availability groups", Tele 1, 1957.

"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.algorithms.queueing.checks import FloatArray

_SMALL_COUNT = 16.0
_NEAR = 0.1
_UNDERFLOW = 1e-280
_EPSILON = 1e-17


def log_poisson_term(count: FloatArray, mean: FloatArray) -> FloatArray:
    """Logarithm of ``mean**count * exp(-mean) / gamma(count + 1)`` for real ``count >= 0`` and ``mean > 0``.

    The absolute error stays near 1e-15 around ``count = mean``, where the plain formula loses ``eps * mean``.
    """
    large = np.maximum(count, _SMALL_COUNT)
    inverse_square = 1.0 / (large * large)
    stirling = 1 / 1680 - inverse_square / 1188
    stirling = 1 / 1260 - inverse_square * stirling
    stirling = 1 / 360 - inverse_square * stirling
    stirling = (1 / 12 - inverse_square * stirling) / large
    by_saddle_point = -stirling - _deviance(large, mean) - 0.5 * np.log(2 * np.pi * large)
    plain = count * np.log(mean) - mean - gammaln(count + 1)
    return np.where(count < _SMALL_COUNT, plain, by_saddle_point)


def _deviance(count: FloatArray, mean: FloatArray) -> FloatArray:
    """Return ``count * log(count / mean) + mean - count`` without cancellation near ``count = mean``."""
    ratio = (count - mean) / (count + mean)
    near = np.abs(ratio) < _NEAR
    square = np.where(near, ratio, 0.0) ** 2
    tail = np.zeros_like(square)
    for odd in (17, 15, 13, 11, 9, 7, 5, 3):
        tail = square * (1 / odd + tail)
    close = (count - mean) * ratio + 2 * count * ratio * tail
    far: FloatArray = count * (np.log(count) - np.log(mean)) + mean - count
    return np.where(near, close, far)


def log_inverse_erlang_b(agents: FloatArray, load_erl: FloatArray) -> FloatArray:
    """Logarithm of ``1 / B(agents, load)`` for real ``agents >= 0`` and ``load > 0``, equal shapes.

    ``1 / B = Q(agents + 1, load) / term(agents, load)``, Q the upper regularised incomplete gamma function;
    where Q underflows (load far above agents) the series ``1 + n/a + n(n-1)/a**2 + ...`` takes its place.
    """
    tail = gammaincc(agents + 1, load_erl)
    return _log_ratio(tail, agents, load_erl, lambda n, a, k: (n - k) / a)


def log_palm_series(servers: FloatArray, demand: FloatArray) -> FloatArray:
    """Logarithm of Palm's ``A(x, y) = 1 + y/(x+1) + y**2/((x+1)(x+2)) + ...`` for ``x, y > 0``, equal shapes.

    ``A = P(x, y) / term(x, y)`` with P the lower regularised incomplete gamma function; where P underflows
    (y far below x) the series itself is summed.
    """
    tail = gammainc(servers, demand)
    return _log_ratio(tail, servers, demand, lambda x, y, k: y / (x + k + 1))


def _log_ratio(
    tail: FloatArray,
    count: FloatArray,
    mean: FloatArray,
    term_ratio: Callable[[FloatArray, FloatArray, int], FloatArray],
) -> FloatArray:
    underflows = tail < _UNDERFLOW
    result: FloatArray = np.log(np.where(underflows, 1.0, tail)) - log_poisson_term(count, mean)
    if underflows.any():
        result[underflows] = np.log(_series(count[underflows], mean[underflows], term_ratio))
    return result


def _series(
    count: FloatArray, mean: FloatArray, term_ratio: Callable[[FloatArray, FloatArray, int], FloatArray]
) -> FloatArray:
    total = np.ones_like(mean)
    term = np.ones_like(mean)
    step = 0
    while (np.abs(term) > _EPSILON * total).any():
        term = term * term_ratio(count, mean, step)
        total += term
        step += 1
    return total
