"""Search for a good roster: one person at a time gets the best month against what all others leave uncovered.

With everybody else fixed a person adds at most one agent to each slot, so the objective is linear in the
person's month and :func:`best_month` answers exactly. The worth of one more agent jumps where demand is
met, and a search that sees only the jump stops early: shortage that could be spread thin stays in lumps. So
the jump is first blurred over ``width`` agents on either side and sharpened round by round; at half an
agent it is the exact price.

* ``construct`` adds people one by one against demand scaled to the share of people already placed;
* ``sweep`` gives everybody in random order a new month;
* ``rebuild`` takes a few people out together and puts them back, keeping the result unless
  the objective rises by more than a little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.best_month import Month, as_shifts, best_month, empty_month
from apps.algorithms.rostering.objective import CoverPrice, norm_cost
from apps.algorithms.rostering.rules.base import LabourRule, Mode
from apps.algorithms.rostering.rules.month_norm import MonthNorm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from apps.algorithms.rostering.person_model import PersonModel
    from apps.algorithms.rostering.problem import RosterProblem
    from apps.algorithms.rostering.shifts import Shift

__all__ = ["EXACT_WIDTH", "RosterSearch"]

EXACT_WIDTH = 0.5
NOISE = 0.1
SLOPE = 0.05
SLOPE_AGENTS = 20.0


class RosterSearch:
    """A roster under improvement; always lawful, from the empty one on.

    Parameters
    ----------
    problem, models
        The roster and the freedom of its people, in one order.
    padding
        Slots behind the horizon into which shifts may run.
    seed
        Of the random orders, noise and picks.
    stop
        Asked before each person; True ends a round early with everybody placed.

    """

    def __init__(
        self,
        problem: RosterProblem,
        models: list[PersonModel],
        padding: int,
        seed: int,
        stop: Callable[[], bool],
    ) -> None:
        self.problem, self.models, self.stop = problem, models, stop
        self.rng = np.random.default_rng(seed)
        self.price = CoverPrice(problem)
        self.coverage = np.zeros(problem.n_slots + padding, dtype=np.int64)
        self.coverage[: problem.n_slots] = self.price.carried
        self.months = [empty_month() for _ in models]
        self.checked_rules = [
            [rule for rule in problem.rules if _is_checked(rule, model)] for model in models
        ]

    def covered(self) -> NDArray[np.int64]:
        """Coverage inside the horizon, shape (n_slots,)."""
        return self.coverage[: self.problem.n_slots]

    def objective(self) -> int:
        price = int(self.price.cost(self.covered()).sum())
        return price + sum(
            norm_cost(month.paid, model.worker, model.limits, self.problem)
            for month, model in zip(self.months, self.models, strict=True)
        )

    def shifts(self) -> list[Shift]:
        return [
            shift
            for month, model in zip(self.months, self.models, strict=True)
            for shift in as_shifts(model, month)
        ]

    def construct(self, width: float) -> None:
        """Place everybody once, against demand in proportion to the people placed so far."""
        for rank, person in enumerate(self.rng.permutation(len(self.models))):
            if self.stop():
                return
            self._replace(int(person), width, share=(rank + 1) / len(self.models))

    def sweep(self, width: float) -> None:
        """Give everybody a new month in random order."""
        for person in self.rng.permutation(len(self.models)):
            if self.stop():
                return
            self._replace(int(person), width)

    def rebuild(self, people: int, tolerated: int) -> None:
        """Take ``people`` out and put them back; undo it if the objective ends above ``tolerated``."""
        chosen = [int(person) for person in self.rng.permutation(len(self.models))[:people]]
        before, months = self.objective(), [self.months[person] for person in chosen]
        for person in chosen:
            self._set(person, empty_month())
        for person in chosen:
            self._replace(person, EXACT_WIDTH)
        after = self.objective()
        if after > max(before, tolerated):
            self.restore(chosen, months)

    def restore(self, people: Iterable[int], months: Iterable[Month]) -> None:
        """Give people the months they had before."""
        for person, month in zip(people, months, strict=True):
            self._set(person, month)

    def _set(self, person: int, month: Month) -> None:
        self.coverage[self.months[person].slots] -= 1
        self.months[person] = month
        self.coverage[month.slots] += 1

    def _replace(self, person: int, width: float, share: float = 1.0) -> None:
        old = self.months[person]
        self._set(person, empty_month())
        gain = self._gain(width, share)
        new = best_month(self.models[person], gain, self.problem.weights)
        better = new is not None and self._value(person, new, gain) >= self._value(person, old, gain)
        if new is not None and better and self._admits(person, new, old):
            self._set(person, new)
        else:
            self._set(person, old)

    def _gain(self, width: float, share: float) -> NDArray[np.float64]:
        """Worth of one more agent in each slot, blurred, with a little noise, padded behind the horizon."""
        weights, covered = self.problem.weights, self.covered()
        missing = self.price.demand * share - covered
        wanted = np.clip((missing - 0.5 + width) / (2 * width), 0.0, 1.0)
        deep = np.clip((missing - self.price.tolerated - 0.5 + width) / (2 * width), 0.0, 1.0)
        gain = np.zeros(len(self.coverage))
        gain[: len(covered)] = (
            (weights.over + weights.under) * wanted
            - weights.over
            + weights.deep_under * deep
            + SLOPE * np.clip(missing, -SLOPE_AGENTS, SLOPE_AGENTS)
            + self.rng.uniform(0.0, NOISE, len(covered))
        )
        return gain

    def _value(self, person: int, month: Month, gain: NDArray[np.float64]) -> float:
        model = self.models[person]
        price = norm_cost(month.paid, model.worker, model.limits, self.problem)
        return float(gain[month.slots].sum()) - price

    def _admits(self, person: int, new: Month, old: Month) -> bool:
        """Whether the rules that speak only through their check find no more in ``new`` than in ``old``."""
        model, rules = self.models[person], self.checked_rules[person]

        def findings(month: Month) -> int:
            shifts = as_shifts(model, month)
            return sum(len(rule.check(shifts, model.context)) for rule in rules)

        count = findings(new) if rules else 0
        return count == 0 or count <= findings(old)


def _is_checked(rule: LabourRule, model: PersonModel) -> bool:
    """Whether a hard rule must see the result: it cannot restrain the search, or shifts lie in between.

    The norm is priced, and what it asks for may be out of reach.
    """
    if rule.mode is not Mode.HARD or rule.code == MonthNorm.code:
        return False
    return type(rule).restrain is LabourRule.restrain or bool(model.worker.committed)
