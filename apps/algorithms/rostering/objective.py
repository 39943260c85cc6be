"""The objective: one integer that prices a roster, and what one more agent in a slot is worth.

With demand ``r`` and coverage ``c`` of a slot, ``u = max(r - c, 0)`` agents are missing and ``o = max(c -
r, 0)`` are in excess; ``d = max(u - floor(r * deep_share_percent / 100), 0)`` of the missing ones are a
deep shortage::

    objective = sum over slots of (under * u + deep_under * d + over * o)
              + sum over people of (norm * m + norm_floor * f)

``m`` is the distance of the person's paid slots from the norm (below it; above it too where no hard rule
caps them), ``f`` how far they stay below the least the norm rule allows. Each slot's price is convex in the
coverage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.shifts import ActivityKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.problem import ObjectiveWeights, RosterProblem, Worker
    from apps.algorithms.rostering.rules.base import Limits

__all__ = ["CoverPrice", "norm_cost", "norm_costs"]


def carried_coverage(problem: RosterProblem) -> NDArray[np.int64]:
    """People at work in each slot on shifts of the previous period, shape (n_slots,)."""
    carried = np.zeros(problem.n_slots, dtype=np.int64)
    for worker in problem.workers:
        for shift in worker.previous:
            at_work = [leaf for leaf in shift.activities if leaf.kind is ActivityKind.WORK]
            spans = [(leaf.start, leaf.end) for leaf in at_work] or [(shift.start, shift.end)]
            for start, end in spans:
                carried[max(start, 0) : max(end, 0)] += 1
    return carried


class CoverPrice:
    """Prices of coverage for one problem, vectorised over its slots.

    Parameters
    ----------
    problem
        Gives demand, shape (n_slots,), weights, and the earlier shifts that run into the horizon: their
        people at work are ``carried``, shape (n_slots,), a part of every coverage.

    """

    def __init__(self, problem: RosterProblem) -> None:
        self.demand = problem.demand.astype(np.int64)
        self.weights = problem.weights
        self.tolerated = self.demand * self.weights.deep_share_percent // 100
        self.carried = carried_coverage(problem)

    def cost(self, coverage: NDArray[np.int64]) -> NDArray[np.int64]:
        """Price of each slot, shape (n_slots,), for ``coverage`` of that shape."""
        missing = np.maximum(self.demand - coverage, 0)
        deep = np.maximum(missing - self.tolerated, 0)
        excess = np.maximum(coverage - self.demand, 0)
        weights = self.weights
        return np.asarray(weights.under * missing + weights.deep_under * deep + weights.over * excess)


def norm_costs(
    paid: NDArray[np.int64], norm: int, limits: Limits, weights: ObjectiveWeights
) -> NDArray[np.int64]:
    """Price of each paid total in ``paid`` (slots) for a person with ``norm`` slots."""
    floor = np.maximum(limits.paid_floor - paid, 0)
    return np.asarray(weights.norm * np.abs(norm - paid) + weights.norm_floor * floor)


def norm_cost(paid: int, worker: Worker, limits: Limits, problem: RosterProblem) -> int:
    """Price of one person's paid total in slots."""
    norm = worker.norm_s // problem.slot_s
    return int(norm_costs(np.array([paid]), norm, limits, problem.weights)[0])
