"""The optimiser: a lawful month with breaks, anytime, with a proven bound on how far it is from the best.

Phases: ``model`` (what each person may be given), ``construct``, ``sharpen`` (sweeps with a blurred price
that becomes exact), ``polish`` (sweeps and rebuilds on the exact objective, the bound raised beside them),
``verify`` (the independent checkers). For a given seed everything but the moment of stopping is
deterministic: with ``max_rounds`` reached before the time limit two runs are equal. ``polish`` also ends by
itself, by what it has found and never by the clock: when a bound is reached, when the proven gap is below
a thousandth and 6 rounds brought nothing, or when 30 brought nothing.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.bound import LagrangianBound, PriceSearch
from apps.algorithms.rostering.checking import check_roster
from apps.algorithms.rostering.diagnosis import (
    inherited_conflicts,
    inherited_violations,
    norm_conflicts,
    reachable_slots,
    shortages,
)
from apps.algorithms.rostering.improvement import EXACT_WIDTH, RosterSearch
from apps.algorithms.rostering.person_model import build_models
from apps.algorithms.rostering.rules.base import Mode
from apps.algorithms.rostering.solution import PhaseLog, Progress, RosterSolution, SolveStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.algorithms.rostering.best_month import Month
    from apps.algorithms.rostering.person_model import PersonModel
    from apps.algorithms.rostering.problem import RosterProblem
    from apps.algorithms.rostering.rules.base import Violation
    from apps.algorithms.rostering.solution import RuleConflict

__all__ = ["InvalidBoundError", "UnlawfulRosterError", "solve"]

FIRST_WIDTH_SHARE = 0.15
LEAST_FIRST_WIDTH = 1.0
SHARPEN_SHARE = 0.7
SHARPEN_ROUNDS = 60
REBUILDS_IN_ROUND = 20
FEWEST_REBUILT, MOST_REBUILT = 2, 8
TOLERANCE = 0.005
PRICE_STEPS_IN_ROUND = 3
PATIENCE_ROUNDS = 30
CLOSE_GAP_SHARE = 0.001
CLOSE_PATIENCE_ROUNDS = 6
VERIFY_RESERVE = 0.03


class UnlawfulRosterError(RuntimeError):
    """The independent checkers found a hard violation that no conflict explains: a fault of the solver."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        self.violations = violations
        first = violations[0]
        super().__init__(
            f"{len(violations)} hard violations, first: rule {first.key} (art. {first.article}), "
            f"worker {first.worker_id}, slots [{first.start}, {first.end}), "
            f"measured {first.measured} {first.unit}, limit {first.limit} {first.unit}"
        )


class InvalidBoundError(RuntimeError):
    """The proven bound exceeds the objective of a roster at hand: a fault of the bound."""

    def __init__(self, bound: int, objective: int) -> None:
        self.bound, self.objective = bound, objective
        super().__init__(f"the lower bound {bound} exceeds the objective {objective} of a known roster")


def solve(
    problem: RosterProblem,
    *,
    time_limit_s: float,
    seed: int,
    max_rounds: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> RosterSolution:
    """Plan the month.

    Parameters
    ----------
    problem
        Demand, people, rules.
    time_limit_s
        Seconds of wall clock for everything, one thread.
    seed
        Of all randomness.
    max_rounds
        Improvement rounds at most; makes the result independent of the clock where it is reached first.
    progress
        Called about once a second.
    cancelled
        Asked often; True ends the search with the best roster so far, which is lawful.

    Raises
    ------
    UnlawfulRosterError
        A fault of the solver itself: its result breaks a hard rule.
    InvalidBoundError
        A fault of the solver itself: its bound is not one.

    """
    return _Solve(problem, time_limit_s, seed, progress, cancelled).run(max_rounds)


class _Solve:
    def __init__(
        self,
        problem: RosterProblem,
        time_limit_s: float,
        seed: int,
        progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.problem, self.time_limit_s, self.seed = problem, time_limit_s, seed
        self.progress, self.cancelled = progress, cancelled
        self.begun = self.phase_begun = self.told = time.monotonic()
        self.phase, self.phases = "model", list[PhaseLog]()
        self.was_cancelled = False
        self.models: list[PersonModel] = build_models(problem)
        padding = self._padding()
        peak = int(problem.demand.max(initial=0))
        self.first_width = max(FIRST_WIDTH_SHARE * peak, LEAST_FIRST_WIDTH)
        self.search = RosterSearch(problem, self.models, padding, seed, self._stop)
        self.lagrangian = LagrangianBound(problem, self.models, padding)
        self.prices: PriceSearch | None = None
        self.best: tuple[int, list[Month]] = (self.search.objective(), list(self.search.months))

    def run(self, max_rounds: int | None) -> RosterSolution:
        self._close_phase("construct", 1)
        self.search.construct(self.first_width)
        self._keep_best()
        self._close_phase("sharpen", 1)
        rounds = self._sharpen(max_rounds)
        self._close_phase("polish", rounds)
        polished = self._polish(rounds, max_rounds)
        self.search.restore(range(len(self.models)), self.best[1])
        self._close_phase("verify", polished)
        solution = self._solution()
        self._tell(force=True)
        return solution

    def _sharpen(self, max_rounds: int | None) -> int:
        """Sweep while the price of a shortage goes from blurred to exact."""
        rounds = 0
        while not self._finished(rounds, max_rounds):
            if max_rounds is None:
                used = max((time.monotonic() - self.begun) / self.time_limit_s, rounds / SHARPEN_ROUNDS)
            else:
                used = rounds / max_rounds
            width = self.first_width * (1.0 - used / SHARPEN_SHARE)
            if width < EXACT_WIDTH:
                break
            self.search.sweep(width)
            self._keep_best()
            rounds += 1
        return rounds

    def _polish(self, done: int, max_rounds: int | None) -> int:
        """Sweep and rebuild on the exact objective, and raise the bound, until nothing moves any more."""
        if self.was_cancelled:
            return 0
        self.prices = PriceSearch(self.lagrangian, reachable_slots(self.problem, self.models), self.seed)
        idle, rounds, known = 0, 0, self.best[0]
        while idle < PATIENCE_ROUNDS and not self._finished(done + rounds, max_rounds):
            if rounds % 2 == 0:
                self.search.sweep(EXACT_WIDTH)
            else:
                self._rebuild()
            rounds += 1
            self._keep_best()
            idle, known = (0, self.best[0]) if self.best[0] < known else (idle + 1, known)
            for _ in range(PRICE_STEPS_IN_ROUND):
                self.prices.improve(self.search.covered())
            if self.best[0] <= self.prices.bound or (idle >= CLOSE_PATIENCE_ROUNDS and self._is_close()):
                break
        return rounds

    def _is_close(self) -> bool:
        """Whether the proven gap is too small to go on for, once a few rounds found nothing better."""
        bound = self.prices.bound if self.prices else 0
        return self.best[0] - bound <= max(1.0, CLOSE_GAP_SHARE * self.best[0])

    def _rebuild(self) -> None:
        for _ in range(REBUILDS_IN_ROUND):
            if self._stop():
                return
            people = int(self.search.rng.integers(FEWEST_REBUILT, MOST_REBUILT + 1))
            self.search.rebuild(people, int(self.best[0] * (1.0 + TOLERANCE)))
            self._keep_best()

    def _keep_best(self) -> None:
        """Remember the roster at hand where it is the best so far."""
        objective = self.search.objective()
        if objective < self.best[0]:
            self.best = (objective, list(self.search.months))

    def _padding(self) -> int:
        longest = max((table.breaks.presence for model in self.models for table in model.tables), default=0)
        latest = max((int(table.starts.max()) for model in self.models for table in model.tables), default=0)
        return max(latest + longest - self.problem.n_slots, 0) + 1

    def _stop(self) -> bool:
        self.was_cancelled = self.was_cancelled or (self.cancelled is not None and self.cancelled())
        self._tell()
        limit = self.time_limit_s * (1.0 - VERIFY_RESERVE)
        return self.was_cancelled or time.monotonic() - self.begun >= limit

    def _finished(self, rounds: int, max_rounds: int | None) -> bool:
        return self._stop() or (max_rounds is not None and rounds >= max_rounds)

    def _tell(self, *, force: bool = False) -> None:
        now = time.monotonic()
        if self.progress is None or (now - self.told < 1.0 and not force):
            return
        self.told = now
        seconds = now - self.begun
        bound = self.prices.bound if self.prices else None
        fraction = min(seconds / self.time_limit_s, 1.0)
        self.progress(Progress(self.phase, fraction, self.search.objective(), bound, seconds))

    def _close_phase(self, following: str, rounds: int) -> None:
        now = time.monotonic()
        bound = self.prices.bound if self.prices else None
        spent = now - self.phase_begun
        self.phases.append(PhaseLog(self.phase, spent, self.search.objective(), bound, rounds))
        self.phase, self.phase_begun = following, now

    def _solution(self) -> RosterSolution:
        problem, search = self.problem, self.search
        shifts = tuple(sorted(search.shifts(), key=lambda shift: (shift.worker_id, shift.start)))
        short = norm_conflicts(problem, self.models, [month.paid for month in search.months])
        conflicts = (*short, *inherited_conflicts(inherited_violations(problem)))
        violations = check_roster(shifts, problem)
        if not self.was_cancelled:
            _refuse_unlawful(violations, short)
        coverage = search.covered().copy()
        objective = search.objective()
        bound = self.prices.bound if self.prices else 0
        if bound > objective:
            raise InvalidBoundError(bound, objective)
        self._close_phase("done", 0)
        status = SolveStatus.OPTIMAL if objective == bound else SolveStatus.FEASIBLE
        return RosterSolution(
            shifts=shifts,
            status=SolveStatus.CANCELLED if self.was_cancelled else status,
            objective=objective,
            bound=bound,
            coverage=coverage,
            demand_slots=int(problem.demand.sum()),
            under_slots=int(np.maximum(problem.demand - coverage, 0).sum()),
            over_slots=int(np.maximum(coverage - problem.demand, 0).sum()),
            seed=self.seed,
            seconds=time.monotonic() - self.begun,
            phases=tuple(self.phases),
            violations=violations,
            shortages=shortages(problem, self.models, self.lagrangian, coverage),
            conflicts=conflicts,
            parameters={
                "time_limit_s": self.time_limit_s,
                "slot_s": problem.slot_s,
                **asdict(problem.weights),
            },
        )


def _refuse_unlawful(violations: tuple[Violation, ...], short: tuple[RuleConflict, ...]) -> None:
    explained = {(conflict.worker_id, conflict.code) for conflict in short}
    hard = tuple(
        violation
        for violation in violations
        if violation.mode is Mode.HARD and (violation.worker_id, violation.code) not in explained
    )
    if hard:
        raise UnlawfulRosterError(hard)
