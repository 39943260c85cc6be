"""A proven lower bound: the Lagrangian dual of "coverage equals the sum of the people's months".

For any price ``g_t`` of an agent in slot ``t``::

    L(g) = sum_t min_c [cost_t(c) + g_t (c - carried_t)]  -  sum_i max_a [g a - norm cost_i(a)]

is at most the objective of every lawful roster, where ``a`` runs over a superset of the months person ``i``
may be given (rest between given shifts is relaxed, breaks are exact). Prices are multiples of 1/64, so
every sum is exact in double precision. Whichever prices :class:`PriceSearch` finds, the bound holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.best_month import day_values, shift_values
from apps.algorithms.rostering.day_choice import choose_days, norm_values
from apps.algorithms.rostering.objective import CoverPrice
from apps.algorithms.rostering.problem import DAYS_IN_WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.person_model import PersonModel
    from apps.algorithms.rostering.problem import RosterProblem

    Prices = NDArray[np.float64]

__all__ = ["LagrangianBound", "PriceSearch"]

GRAIN = 64
STEPS = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class PersonClass:
    """People with the same freedom and norm: one month prices them all."""

    model: PersonModel
    people: int


def person_classes(models: list[PersonModel]) -> list[PersonClass]:
    """Group people who are alike to the relaxation."""
    groups: dict[object, list[PersonModel]] = {}
    for model in models:
        limits, tail = model.limits, model.tail
        key = (
            id(model.tables),
            model.norm,
            limits.paid_floor,
            limits.paid_cap,
            limits.max_consecutive_days,
            (tail.consecutive, tail.days_this_week),
            model.may_work.tobytes(),
        )
        groups.setdefault(key, []).append(model)
    return [PersonClass(members[0], len(members)) for members in groups.values()]


class LagrangianBound:
    """Evaluates ``L``.

    Parameters
    ----------
    problem, models
        The roster and the freedom of its people.
    padding
        Slots behind the horizon into which shifts may run.

    """

    def __init__(self, problem: RosterProblem, models: list[PersonModel], padding: int) -> None:
        self.problem = problem
        self.classes = person_classes(models)
        self.padding = padding
        self.price = CoverPrice(problem)
        weights = problem.weights
        self.lowest, self.highest = float(-weights.over), float(weights.under + weights.deep_under)

    def exact(self, prices: Prices) -> Prices:
        """Nearest admissible prices on the grid of 1/64."""
        return np.clip(np.round(prices * GRAIN) / GRAIN, self.lowest, self.highest)

    def value(self, prices: Prices) -> float:
        """``L`` at ``prices`` (on the grid), shape (n_slots,)."""
        demand, tolerated, carried = self.price.demand, self.price.tolerated, self.price.carried
        # each slot's cost is convex with kinks only here, and the prices keep its minimum finite
        kinks = np.maximum(np.stack([np.zeros_like(demand), demand - tolerated, demand]), carried)
        costs = np.stack([self.price.cost(kink) + prices * (kink - carried) for kink in kinks])
        value = float(costs.min(axis=0).sum())
        gain = np.concatenate([prices, np.zeros(self.padding)])
        return value - sum(group.people * self._best(group.model, gain) for group in self.classes)

    def most_work(self) -> int:
        """Agent-slots that all people together cannot exceed within their norms."""
        gain = np.ones(self.problem.n_slots + self.padding)
        total = 0
        for group in self.classes:
            by_day = self._by_day(group.model, gain)
            totals = norm_values(group.model, self.problem.weights)
            choice = choose_days(
                group.model, by_day, np.where(np.isfinite(totals), 0.0, -np.inf), rest_days=0
            )
            total += group.people * int(choice.value) if choice is not None else 0
        return total

    def _by_day(self, model: PersonModel, gain: Prices) -> list[Prices]:
        """Value of the best shift by table and day."""
        n_days = len(model.weeks)
        return [day_values(table, shift_values(table, gain), n_days) for table in model.tables]

    def _best(self, model: PersonModel, gain: Prices) -> float:
        choice = choose_days(
            model, self._by_day(model, gain), norm_values(model, self.problem.weights), rest_days=0
        )
        if choice is None:
            raise AssertionError("the empty month is always admissible at day level")
        return choice.value


class PriceSearch:
    """Looks for prices that raise the bound: level prices first, then blocks of slots.

    A level price over all slots settles how scarce people are as a whole. A step then raises the prices of
    a block of hours in which a given roster is short, or lowers them where it is in excess, and is kept if
    the bound rises.

    Parameters
    ----------
    lagrangian
        The dual to raise.
    within : ndarray of bool, shape (n_slots,)
        Slots that somebody can reach; elsewhere the shortage is certain and the price highest.
    seed
        Of the blocks tried.

    """

    def __init__(self, lagrangian: LagrangianBound, within: NDArray[np.bool_], seed: int) -> None:
        self.lagrangian = lagrangian
        self.rng = np.random.default_rng(seed)
        self.price = lagrangian.price
        weights = lagrangian.problem.weights
        levels = sorted(
            {float(-weights.over), 0.0, weights.under / 4, weights.under / 2, float(weights.under)}
        )
        self.best_value, self.best_prices = -np.inf, np.zeros(len(within))
        for level in levels:
            idle = np.where(self.price.demand > 0, level, lagrangian.lowest)
            self._try(np.where(within, idle, lagrangian.highest))

    @property
    def bound(self) -> int:
        """Proven lower bound of the objective, an integer like it."""
        return max(ceil(self.best_value), 0)

    def improve(self, coverage: NDArray[np.int64]) -> bool:
        """Try one block against the shortage and excess of ``coverage``; True where the bound rose."""
        missing = (self.price.demand - coverage).astype(np.float64)
        block = self._block()
        balance = float(missing[block].sum())
        if balance == 0.0:
            return False
        step = float(self.rng.choice(STEPS)) * (1.0 if balance > 0 else -1.0)
        prices = self.best_prices.copy()
        prices[block] += step
        return self._try(prices)

    def _block(self) -> NDArray[np.bool_]:
        """Hours ``[a, b)`` of one day, of one weekday, or of all days; only slots with demand."""
        problem = self.lagrangian.problem
        per_day = problem.slots_per_day
        slot = np.arange(problem.n_slots)
        day, clock = slot // per_day, slot % per_day
        begin, length = self.rng.integers(0, per_day), self.rng.integers(2, per_day // 2 + 3)
        block = ((clock - begin) % per_day < length) & (self.price.demand > 0)
        reach = self.rng.integers(0, 3)
        chosen = int(self.rng.integers(0, max(int(day[-1]), 1)))
        if reach == 0:
            block &= day == chosen
        elif reach == 1:
            block &= day % DAYS_IN_WEEK == chosen % DAYS_IN_WEEK
        return block

    def _try(self, prices: Prices) -> bool:
        exact = self.lagrangian.exact(prices)
        value = self.lagrangian.value(exact)
        if value <= self.best_value:
            return False
        self.best_value, self.best_prices = value, exact
        return True
