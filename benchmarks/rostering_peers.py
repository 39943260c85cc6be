"""What one would try first: a single greedy pass, and one CP-SAT model of the whole month."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from apps.algorithms.rostering.best_month import Month, as_shifts
from apps.algorithms.rostering.improvement import EXACT_WIDTH, RosterSearch
from apps.algorithms.rostering.objective import CoverPrice, norm_cost
from apps.algorithms.rostering.person_model import build_models
from apps.algorithms.rostering.problem import DAYS_IN_WEEK, RotationKind

if TYPE_CHECKING:
    from apps.algorithms.rostering.person_model import PersonModel
    from apps.algorithms.rostering.problem import RosterProblem
    from apps.algorithms.rostering.shifts import Shift

PADDING = 400
OPTIONS_A_DAY = 6


@dataclass(frozen=True)
class PeerRoster:
    """A peer's roster, None where it found none in its time."""

    shifts: tuple[Shift, ...] | None
    objective: int | None
    under_slots: int | None
    seconds: float


def greedy(problem: RosterProblem, seed: int) -> PeerRoster:
    """One pass over the people, each given the best month against what is still uncovered."""
    begun = time.monotonic()
    search = RosterSearch(problem, build_models(problem), PADDING, seed, lambda: False)
    search.sweep(EXACT_WIDTH)
    return _figures(problem, search.models, search.months, time.monotonic() - begun)


def monolith(problem: RosterProblem, time_limit_s: float, seed: int) -> PeerRoster:
    """One CP-SAT model: a thinned set of shifts, breaks in fixed places, every rule at day level or finer."""
    begun = time.monotonic()
    models = build_models(problem)
    build = _Monolith(problem, models)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(time_limit_s - (time.monotonic() - begun), 1.0)
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = seed
    status = solver.solve(build.model)
    seconds = time.monotonic() - begun
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return PeerRoster(None, None, None, seconds)
    months = [build.month(solver, person) for person in range(len(models))]
    return _figures(problem, models, months, seconds)


def _figures(
    problem: RosterProblem, models: list[PersonModel], months: list[Month], seconds: float
) -> PeerRoster:
    price = CoverPrice(problem)
    coverage = np.zeros(problem.n_slots + PADDING, dtype=np.int64)
    coverage[: problem.n_slots] = price.carried
    for month in months:
        coverage[month.slots] += 1
    inside = coverage[: problem.n_slots]
    objective = int(price.cost(inside).sum()) + sum(
        norm_cost(month.paid, model.worker, model.limits, problem)
        for month, model in zip(months, models, strict=True)
    )
    shifts = tuple(s for month, model in zip(months, models, strict=True) for s in as_shifts(model, month))
    return PeerRoster(shifts, objective, int(np.maximum(problem.demand - inside, 0).sum()), seconds)


class _Monolith:
    def __init__(self, problem: RosterProblem, models: list[PersonModel]) -> None:
        self.problem, self.models, self.model = problem, models, cp_model.CpModel()
        self.price = CoverPrice(problem)
        self.cover: list[list[cp_model.IntVar]] = [[] for _ in range(problem.n_slots + PADDING)]
        self.costs: list[cp_model.LinearExprT] = []
        self.chosen: list[list[tuple[cp_model.IntVar, int, int, int]]] = []
        self.pauses: list[dict[int, tuple[tuple[int, int, bool], ...]]] = []
        for person in models:
            self._add_person(person)
        self._add_cover()
        self.model.minimize(sum(self.costs))

    def _add_person(self, person: PersonModel) -> None:
        fixed = {
            index: table.breaks.place(np.ones((table.breaks.presence, 1)))[0]
            for index, table in enumerate(person.tables)
        }
        variables: list[tuple[cp_model.IntVar, int, int, int]] = []
        by_day: list[list[tuple[cp_model.IntVar, int, int, int]]] = []
        for day in range(self.problem.n_days):
            options = self._options(person, day) if person.may_work[0, day] else []
            today = [(self.model.new_bool_var(""), day, index, start) for index, start in options]
            for variable, _, index, start in today:
                for slot in start + person.tables[index].breaks.work_offsets(fixed[index]):
                    self.cover[int(slot)].append(variable)
            by_day.append(today)
            variables += today
        self.chosen.append(variables)
        self.pauses.append(fixed)
        self._add_days(person, by_day)
        self._add_rest(person, by_day)
        paid = sum(variable * person.tables[index].breaks.paid for variable, _, index, _ in variables)
        short = self.model.new_int_var(0, person.norm, "")
        below = self.model.new_int_var(0, person.norm, "")
        self.model.add(paid + short == person.norm)
        self.model.add(below >= short - (person.norm - min(person.limits.paid_floor, person.norm)))
        weights = self.problem.weights
        self.costs += [weights.norm * short, weights.norm_floor * below]

    def _options(self, person: PersonModel, day: int) -> list[tuple[int, int]]:
        """Pick a few shifts of the day, spread evenly over lengths and starts."""
        every = [
            (index, int(start))
            for index, table in enumerate(person.tables)
            for start in table.starts[table.first[day] : table.first[day + 1]]
        ]
        if not every:
            return []
        return [every[pick] for pick in np.unique(np.linspace(0, len(every) - 1, OPTIONS_A_DAY).astype(int))]

    def _add_days(
        self, person: PersonModel, by_day: list[list[tuple[cp_model.IntVar, int, int, int]]]
    ) -> None:
        works = [sum(variable for variable, *_ in today) for today in by_day]
        for work in works:
            self.model.add(work <= 1)
        cap = person.limits.max_consecutive_days
        if cap is not None:
            for first in range(len(works) - cap):
                self.model.add(sum(works[first : first + cap + 1]) <= cap)
        rotation = person.worker.work_rule.rotation
        for week in np.unique(person.weeks):
            days = [int(day) for day in np.flatnonzero(person.weeks == week)]
            if rotation.kind is RotationKind.FLEXIBLE:
                self.model.add(sum(works[day] for day in days) <= rotation.days_per_week)
            if len(days) == DAYS_IN_WEEK:
                pairs = [self.model.new_bool_var("") for _ in days[1:]]
                for pair, day in zip(pairs, days[1:], strict=True):
                    self.model.add(works[day - 1] + works[day] == 0).only_enforce_if(pair)
                self.model.add_bool_or(pairs)

    def _add_rest(
        self, person: PersonModel, by_day: list[list[tuple[cp_model.IntVar, int, int, int]]]
    ) -> None:
        for today, tomorrow in pairwise(by_day):
            for variable, _, index, start in today:
                free_from = start + person.tables[index].breaks.presence + person.limits.min_gap
                early = [other for other, _, _, other_start in tomorrow if other_start < free_from]
                if early:
                    self.model.add(variable + sum(early) <= 1)

    def _add_cover(self) -> None:
        weights = self.problem.weights
        for slot in np.flatnonzero(self.price.demand > 0):
            need = int(self.price.demand[slot] - self.price.carried[slot])
            tolerated = int(self.price.tolerated[slot])
            mild = self.model.new_int_var(0, tolerated, "")
            deep = self.model.new_int_var(0, max(need, 0), "")
            over = self.model.new_int_var(0, len(self.models), "")
            self.model.add(sum(self.cover[slot]) + mild + deep - over == need)
            self.costs += [
                weights.under * mild,
                (weights.under + weights.deep_under) * deep,
                weights.over * over,
            ]

    def month(self, solver: cp_model.CpSolver, person: int) -> Month:
        model, fixed = self.models[person], self.pauses[person]
        shifts = tuple(
            (day, index, start, fixed[index])
            for variable, day, index, start in self.chosen[person]
            if solver.value(variable)
        )
        parts = [start + model.tables[i].breaks.work_offsets(pauses) for _, i, start, pauses in shifts]
        slots = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        return Month(shifts, slots, sum(model.tables[index].breaks.paid for _, index, *_ in shifts))
