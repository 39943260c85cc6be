"""Why demand or a norm could not be met: the shortage or the rule behind it, in hours."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.day_choice import choose_days
from apps.algorithms.rostering.person_model import build_models
from apps.algorithms.rostering.rules import MonthNorm
from apps.algorithms.rostering.rules.base import Mode, RuleContext
from apps.algorithms.rostering.solution import RuleConflict, Shortage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.bound import LagrangianBound
    from apps.algorithms.rostering.person_model import PersonModel
    from apps.algorithms.rostering.problem import RosterProblem
    from apps.algorithms.rostering.rules.base import Violation
    from apps.algorithms.rostering.solution import ConflictReason

__all__ = ["inherited_conflicts", "inherited_violations", "norm_conflicts", "reachable_slots", "shortages"]

DAY_SHORT_SHARE = 0.03
HOUR_S = 3600


def reachable_slots(problem: RosterProblem, models: list[PersonModel]) -> NDArray[np.bool_]:
    """Slots inside some admissible shift of somebody, shape (n_slots,)."""
    edges = np.zeros(problem.n_slots + 1, dtype=np.int64)
    for table in {id(table): table for model in models for table in model.tables}.values():
        ends = np.minimum(table.starts + table.breaks.presence, problem.n_slots)
        np.add.at(edges, np.minimum(table.starts, problem.n_slots), 1)
        np.add.at(edges, ends, -1)
    return np.cumsum(edges[:-1]) > 0


def most_paid(model: PersonModel) -> int:
    """Paid slots no admissible month can exceed: rest between given shifts is not counted."""
    n_days = len(model.weeks)
    values = []
    for table in model.tables:
        by_day = np.full(n_days, -np.inf)
        by_day[table.busy_days] = float(table.breaks.paid)
        values.append(by_day)
    longest = max((table.breaks.paid for table in model.tables), default=0)
    totals = np.zeros(longest * n_days // model.unit + 1)
    choice = choose_days(model, values, totals, rest_days=0)
    return int(choice.value) if choice is not None else 0


def shortages(
    problem: RosterProblem,
    models: list[PersonModel],
    lagrangian: LagrangianBound,
    coverage: NDArray[np.int64],
) -> tuple[Shortage, ...]:
    """Name what keeps ``coverage`` below the demand: head-count first, then day by day."""
    hours = problem.slot_s / HOUR_S
    missing = np.maximum(problem.demand - coverage, 0)
    if not missing.any():
        return ()
    found = []
    required, available = (
        int(problem.demand.sum()),
        lagrangian.most_work() + int(lagrangian.price.carried.sum()),
    )
    if required > available:
        found.append(Shortage("head_count", required * hours, available * hours))
    out_of_reach = ~reachable_slots(problem, models) & (missing > 0)
    zones = Counter(worker.day_starts for worker in problem.workers)
    starts = zones.most_common(1)[0][0] if zones else ()
    for day in range(len(starts) - 1):
        span = slice(max(starts[day], 0), max(starts[day + 1], 0))
        closed = np.flatnonzero(out_of_reach[span]) + span.start
        if closed.size:
            required, given = int(problem.demand[closed].sum()), int(coverage[closed].sum())
            found.append(Shortage("closed_to_people", required * hours, given * hours, day))
        required, short = int(problem.demand[span].sum()), int(missing[span].sum())
        if short > DAY_SHORT_SHARE * required:
            found.append(Shortage("day", required * hours, (required - short) * hours, day))
    return tuple(found)


def norm_conflicts(
    problem: RosterProblem, models: list[PersonModel], paid: list[int]
) -> tuple[RuleConflict, ...]:
    """People paid less than the norm's floor, with the most they could be given and the reason."""
    hours = problem.slot_s / HOUR_S
    found = []
    for model, given in zip(models, paid, strict=True):
        floor = model.limits.paid_floor
        if given >= floor:
            continue
        most = max(min(most_paid(model), floor), given)
        found.append(
            RuleConflict(
                worker_id=model.worker.worker_id,
                code=MonthNorm.code,
                article=MonthNorm.article,
                limit_h=floor * hours,
                reachable_h=(given if most >= floor else most) * hours,
                reason=_reason(problem, model, floor) if most < floor else "rules",
            )
        )
    return tuple(found)


def inherited_violations(problem: RosterProblem) -> tuple[Violation, ...]:
    """Give what known shifts have broken of the hard rules, whatever is planned."""
    return tuple(
        violation
        for worker in problem.workers
        for rule in problem.rules
        if rule.mode is Mode.HARD
        for violation in rule.inherited(RuleContext.of(problem, worker))
    )


def inherited_conflicts(inherited: tuple[Violation, ...]) -> tuple[RuleConflict, ...]:
    """Name the rules that known shifts have already broken in this period."""
    return tuple(
        RuleConflict(
            worker_id=violation.worker_id,
            code=violation.code,
            article=violation.article,
            limit_h=violation.limit / HOUR_S,
            reachable_h=violation.measured / HOUR_S,
            reason="previous_period",
        )
        for violation in inherited
    )


def _reason(problem: RosterProblem, model: PersonModel, floor: int) -> ConflictReason:
    """Which freedom, given back, would let the person reach the floor."""
    free = replace(model.worker, unavailable=())
    if most_paid(build_models(replace(problem, workers=(free,)))[0]) >= floor:
        return "absence"
    opened = replace(problem, workers=(free,), open_slots=None)
    if most_paid(build_models(opened)[0]) >= floor:
        return "open_hours"
    lawless = replace(opened, rules=tuple(rule for rule in problem.rules if rule.code == MonthNorm.code))
    return "rules" if most_paid(build_models(lawless)[0]) >= floor else "rotation"
