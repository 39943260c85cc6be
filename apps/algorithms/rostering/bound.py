"""A proven lower bound: the Lagrangian dual of "coverage equals the sum of the people's months".

For any price ``g_t`` of an agent in slot ``t``::

    L(g) = sum_t min_c [cost_t(c) + g_t (c - carried_t)]  -  sum_i max_a [g a - norm cost_i(a)]

is at most the objective of every lawful roster, where ``a`` runs over a superset of the months person ``i`` may be
given (rest between given shifts is relaxed, breaks are exact). Prices are multiples of 1/64, so every sum is exact in
double precision. The volume algorithm (Barahona and Anbil, 2000) looks for prices that raise ``L``; whichever prices
it finds, the bound holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.best_month import day_values, shift_values, work_slots
from apps.algorithms.rostering.day_choice import choose_days, norm_values
from apps.algorithms.rostering.objective import CoverPrice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.day_choice import DayChoice
    from apps.algorithms.rostering.person_model import PersonModel
    from apps.algorithms.rostering.problem import RosterProblem

    Prices = NDArray[np.float64]

__all__ = ["LagrangianBound", "PriceSearch"]

GRAIN = 64


@dataclass(frozen=True, slots=True)
class DualPoint:
    """``value`` of ``L``, and coverage wished for minus coverage given, shape (n_slots,): its supergradient."""

    value: float
    imbalance: Prices


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

    def evaluate(self, prices: Prices) -> DualPoint:
        """Value and supergradient at ``prices`` (on the grid), shape (n_slots,)."""
        demand, tolerated = self.price.demand, self.price.tolerated
        wishes = np.maximum(np.stack([np.zeros_like(demand), demand - tolerated, demand]), self.price.carried)
        costs = np.stack([self.price.cost(wish) + prices * (wish - self.price.carried) for wish in wishes])
        chosen = costs.argmin(axis=0)
        columns = np.arange(len(demand))
        value = float(costs[chosen, columns].sum())
        imbalance = (wishes[chosen, columns] - self.price.carried).astype(np.float64)
        gain = np.concatenate([prices, np.zeros(self.padding)])
        for group in self.classes:
            month_value, slots = self._best(group.model, gain)
            value -= group.people * month_value
            slots = slots[slots < len(demand)]
            np.subtract.at(imbalance, slots, group.people)
        return DualPoint(value, imbalance)

    def most_work(self) -> int:
        """Agent-slots that all people together cannot exceed within their norms."""
        gain = np.ones(self.problem.n_slots + self.padding)
        total = 0
        for group in self.classes:
            by_day, _ = self._by_day(group.model, gain)
            totals = self._norm_values(group.model)
            choice = choose_days(
                group.model, by_day, np.where(np.isfinite(totals), 0.0, -np.inf), strict=False
            )
            total += group.people * int(choice.value) if choice is not None else 0
        return total

    def _norm_values(self, model: PersonModel) -> Prices:
        longest = max((table.breaks.paid for table in model.tables), default=0)
        weights = self.problem.weights
        return norm_values(model, longest * len(model.weeks) // model.unit, weights.norm, weights.norm_floor)

    def _by_day(self, model: PersonModel, gain: Prices) -> tuple[list[Prices], list[Prices]]:
        """Best value by table and day, and the values of all shifts by table."""
        values = [shift_values(table, gain) for table in model.tables]
        n_days = len(model.weeks)
        return [
            day_values(table, value, n_days) for table, value in zip(model.tables, values, strict=True)
        ], values

    def _best(self, model: PersonModel, gain: Prices) -> tuple[float, NDArray[np.int64]]:
        by_day, values = self._by_day(model, gain)
        choice = choose_days(model, by_day, self._norm_values(model), strict=False)
        if choice is None:
            raise AssertionError("the empty month is always admissible at day level")
        return choice.value, self._slots(model, choice, values, gain)

    def _slots(
        self, model: PersonModel, choice: DayChoice, values: list[Prices], gain: Prices
    ) -> NDArray[np.int64]:
        shifts = []
        for index, table in enumerate(model.tables):
            picks = [day for day, chosen in choice.days if chosen == index]
            if not picks:
                continue
            best = [
                int(table.first[day] + values[index][table.first[day] : table.first[day + 1]].argmax())
                for day in picks
            ]
            starts = table.starts[best]
            placed = table.breaks.place(table.breaks.windows(gain, starts))
            shifts += [
                (day, index, int(start), pauses)
                for day, start, pauses in zip(picks, starts, placed, strict=True)
            ]
        return work_slots(model, tuple(shifts))


class PriceSearch:
    """Volume algorithm: each step moves from the best prices along a running mean of supergradients.

    Parameters
    ----------
    lagrangian
        The dual to raise.
    start : ndarray, shape (n_slots,)
        First prices.

    """

    def __init__(self, lagrangian: LagrangianBound, start: Prices) -> None:
        self.lagrangian = lagrangian
        self.best_prices = lagrangian.exact(start)
        point = lagrangian.evaluate(self.best_prices)
        self.best_value = point.value
        self.direction = point.imbalance
        self.step_scale = 0.1
        self.misses = 0
        self.rounds = 0

    @property
    def bound(self) -> int:
        """Proven lower bound of the objective, an integer like it."""
        return max(ceil(self.best_value), 0)

    def improve(self, objective: int) -> None:
        """Make one step, its length aimed at ``objective``, an upper bound of the dual."""
        self.rounds += 1
        norm = float(self.direction @ self.direction)
        if norm == 0.0 or objective <= self.best_value:
            return
        aim = max(objective - self.best_value, 1.0)
        prices = self.lagrangian.exact(self.best_prices + self.step_scale * aim / norm * self.direction)
        point = self.lagrangian.evaluate(prices)
        mix = 0.1
        if point.value > self.best_value:
            agree = float(point.imbalance @ self.direction) > 0
            self.step_scale = min(self.step_scale * (1.1 if agree else 1.0), 2.0)
            self.best_value, self.best_prices, self.misses = point.value, prices, 0
        else:
            self.misses += 1
            if self.misses >= 8:
                self.step_scale, self.misses = max(self.step_scale * 0.66, 1e-4), 0
        self.direction = mix * point.imbalance + (1 - mix) * self.direction
