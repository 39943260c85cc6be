"""Ratios of incomplete gamma functions behind the Erlang formulas, in logarithms, stable at any load.

Both Erlang B and the queue of Erlang A are ratios of a Poisson tail to a Poisson term. Tail and term
underflow together, and their textbook logarithms cancel; here the term follows Loader's saddle-point form
and the tail gives way to a continued fraction where it is tiny.

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
_TINY_TAIL = 1e-30
_EPSILON = 1e-15
_MOST_TERMS = 10_000


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

    ``1 / B = Q(agents + 1, load) / term(agents, load)``, Q the upper regularised incomplete gamma function.
    Where Q is tiny (load far above agents) Legendre's fraction takes its place:
    ``1 / B = a / (a - n + n / (a - n + 2 + 2 (n - 1) / (a - n + 4 + ...)))``.
    """
    result = _log_tail_ratio(gammaincc(agents + 1, load_erl), agents, load_erl)
    far = np.isnan(result)
    n, a = agents[far], load_erl[far]
    fraction = _continued_fraction(a - n, lambda j: j * (n - j + 1), lambda j: a - n + 2 * j)
    result[far] = np.log(a) - np.log(fraction)
    return result


def log_palm_series(servers: FloatArray, demand: FloatArray) -> FloatArray:
    """Logarithm of Palm's ``A(x, y) = 1 + y/(x+1) + y**2/((x+1)(x+2)) + ...`` for ``x, y > 0``, equal shapes.

    ``A = P(x, y) / term(x, y)``, P the lower regularised incomplete gamma function. Where P is tiny (y far
    below x) Gauss's fraction takes its place:
    ``A = x / (x - x y / (x + 1 + y / (x + 2 - (x + 1) y / (x + 3 + ...))))``.
    """
    result = _log_tail_ratio(gammainc(servers, demand), servers, demand)
    far = np.isnan(result)
    x, y = servers[far], demand[far]
    fraction = _continued_fraction(
        x, lambda j: j // 2 * y if j % 2 == 0 else -(x + j // 2) * y, lambda j: x + j
    )
    result[far] = np.log(x) - np.log(fraction)
    return result


def _log_tail_ratio(tail: FloatArray, count: FloatArray, mean: FloatArray) -> FloatArray:
    """Logarithm of ``tail / term(count, mean)``; NaN where the tail is too small to be trusted."""
    trusted = tail > _TINY_TAIL
    ratio = np.log(np.where(trusted, tail, 1.0)) - log_poisson_term(count, mean)
    return np.where(trusted, ratio, np.nan)


def _continued_fraction(
    first: FloatArray,
    numerator: Callable[[int], FloatArray],
    denominator: Callable[[int], FloatArray],
) -> FloatArray:
    """Return ``first + numerator(1) / (denominator(1) + numerator(2) / ...)`` by Lentz's method.

    Some ten terms are enough where the tails above are tiny.
    """
    value, upper, lower = first.copy(), first.copy(), np.zeros_like(first)
    for step in range(1, _MOST_TERMS):
        above, below = numerator(step), denominator(step)
        lower = 1 / (below + above * lower)
        upper = below + above / upper
        change = upper * lower
        value *= change
        if (np.abs(change - 1) < _EPSILON).all():
            break
    return value
