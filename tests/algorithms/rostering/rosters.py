"""Small rosters to test with; slots of one hour unless said otherwise."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.checking import check_worker
from apps.algorithms.rostering.problem import (
    BreakRule,
    RosterProblem,
    Rotation,
    RotationKind,
    ShiftWindow,
    Worker,
    WorkRule,
)
from apps.algorithms.rostering.rules import REGISTRY, LabourRule, Mode, RuleContext, default_rules
from apps.algorithms.rostering.shifts import Activity, ActivityKind, Shift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.algorithms.rostering.solution import RosterSolution

HOUR_S = 3600
DAY = 24
FLEXIBLE = Rotation(RotationKind.FLEXIBLE, days_per_week=5)
SHORT_DAY = BreakRule(1, 4, 0, 0, 0, 0, 0, 1, 4)
LONG_DAY = BreakRule(5, 12, 1, 2, 5, 0, 0, 1, 12)


MORNING = ShiftWindow(8, 12, 2, 3, 3, 1)


def rules_with(**parameters: dict[str, object]) -> tuple[LabourRule, ...]:
    """All rules, those named with other parameters than the Code's."""
    return tuple(REGISTRY[code](**parameters.get(code, {})) for code in sorted(REGISTRY))


def make_rule(
    window: ShiftWindow = MORNING,
    rotation: Rotation = FLEXIBLE,
    breaks: tuple[BreakRule, ...] = (SHORT_DAY, LONG_DAY),
) -> WorkRule:
    return WorkRule("test", rotation, (window,), breaks)


def make_worker(worker_id: int = 1, *, days: int = 7, norm_h: int = 0, **fields: object) -> Worker:
    given: dict[str, object] = {
        "work_rule": make_rule(),
        "day_starts": tuple(range(0, days * DAY + 1, DAY)),
        "norm_s": norm_h * HOUR_S,
    }
    return Worker(worker_id=worker_id, **{**given, **fields})  # type: ignore[arg-type]


def make_problem(
    workers: tuple[Worker, ...], demand: np.ndarray, *, first_weekday: int = 0, **fields: object
) -> RosterProblem:
    given: dict[str, object] = {"rules": default_rules(), "slot_s": HOUR_S}
    days = len(workers[0].day_starts) - 1
    return RosterProblem(
        demand=demand.astype(np.int64),
        workers=workers,
        first_weekday=first_weekday,
        n_days=days,
        **{**given, **fields},  # type: ignore[arg-type]
    )


def make_context(worker: Worker, *, first_weekday: int = 0, slot_s: int = HOUR_S) -> RuleContext:
    return RuleContext(worker, first_weekday, len(worker.day_starts) - 1, slot_s)


def make_shift(day: int, clock: int, paid: int, lunch_at: int | None = None, worker_id: int = 1) -> Shift:
    """Shift with an hour's lunch ``lunch_at`` hours after its start, or none."""
    start = day * DAY + clock
    end = start + paid + (lunch_at is not None)
    leaves: tuple[Activity, ...] = (Activity(ActivityKind.WORK, start, end),)
    if lunch_at is not None:
        noon = start + lunch_at
        leaves = (
            Activity(ActivityKind.WORK, start, noon),
            Activity(ActivityKind.LUNCH, noon, noon + 1),
            Activity(ActivityKind.WORK, noon + 1, end),
        )
    return Shift(worker_id, day, start, end, paid, leaves)


def placements(shift_start: int, paid: int, rule: BreakRule | None) -> Iterator[tuple[Activity, ...]]:
    """Every way to cut a shift into leaves under ``rule``, by trying all positions of all pauses."""
    lunch, pauses = (rule.lunch, rule.pauses) if rule else (0, 0)
    presence = paid + lunch
    kinds = [ActivityKind.BREAK] * pauses + [ActivityKind.LUNCH] * bool(lunch)
    for order in set(itertools.permutations(kinds)):
        lengths = [lunch if kind is ActivityKind.LUNCH else (rule.pause if rule else 0) for kind in order]
        for offsets in itertools.combinations(range(presence), len(order)):
            leaves, at = [], 0
            for offset, length, kind in zip(offsets, lengths, order, strict=True):
                leaves += [(ActivityKind.WORK, at, offset), (kind, offset, offset + length)]
                at = offset + length
            leaves.append((ActivityKind.WORK, at, presence))
            if all(begin < end for _, begin, end in leaves):
                yield tuple(Activity(k, shift_start + b, shift_start + e) for k, b, e in leaves)


def lawful_months(problem: RosterProblem, worker: Worker) -> list[tuple[Shift, ...]]:
    """Every month that the rules' own checks admit, by enumeration."""
    context = RuleContext.of(problem, worker)

    def lawful_alone(shift: Shift) -> bool:
        rules = [rule for rule in problem.rules if rule.code != "month_norm"]
        return not any(v.mode is Mode.HARD for v in check_worker((shift,), context, rules))

    by_day: list[list[Shift | None]] = []
    for day in range(problem.n_days):
        options: list[Shift | None] = [None]
        for window, paid in ((w, p) for w in worker.work_rule.windows for p in w.lengths):
            rule = worker.work_rule.break_rule(paid)
            for begin in window.starts:
                start = worker.day_starts[day] + begin
                end = start + paid + (rule.lunch if rule else 0)
                options += [
                    Shift(worker.worker_id, day, start, end, paid, leaves)
                    for leaves in placements(start, paid, rule)
                ]
        by_day.append([option for option in options if option is None or lawful_alone(option)])
    months = (tuple(s for s in month if s is not None) for month in itertools.product(*by_day))
    return [
        month
        for month in months
        if not any(v.mode is Mode.HARD for v in check_worker(month, context, problem.rules))
        and keeps_the_rotation(problem, worker, month)
    ]


def keeps_the_rotation(problem: RosterProblem, worker: Worker, month: tuple[Shift, ...]) -> bool:
    """Whether no planned day makes a week fuller than the rotation allows, earlier days counted."""
    planned = [(problem.first_weekday + shift.day) // 7 for shift in month]
    weeks = [*planned, *((problem.first_weekday + shift.day) // 7 for shift in worker.previous)]
    return all(weeks.count(week) <= worker.work_rule.rotation.days_per_week for week in planned)


def price_of(problem: RosterProblem, shifts: list[Shift]) -> int:
    """The documented objective, written down a second time; earlier shifts cover what they run into."""
    weights, covered = problem.weights, [0] * problem.n_slots
    for shift in [*shifts, *(shift for worker in problem.workers for shift in worker.previous)]:
        for leaf in shift.activities:
            for slot in range(leaf.start, leaf.end):
                if leaf.kind is ActivityKind.WORK and 0 <= slot < problem.n_slots:
                    covered[slot] += 1
    total = 0
    for need, have in zip(problem.demand.tolist(), covered, strict=True):
        missing = max(need - have, 0)
        deep = max(missing - need * weights.deep_share_percent // 100, 0)
        total += weights.under * missing + weights.deep_under * deep + weights.over * max(have - need, 0)
    for worker in problem.workers:
        paid = sum(shift.paid for shift in shifts if shift.worker_id == worker.worker_id)
        total += weights.norm * abs(worker.norm_s // problem.slot_s - paid)
    return total


def best_price(problem: RosterProblem) -> int:
    """Optimum by trying every combination of lawful months."""
    months = [lawful_months(problem, worker) for worker in problem.workers]
    return min(price_of(problem, [s for month in team for s in month]) for team in itertools.product(*months))


def hard_findings(problem: RosterProblem, solution: RosterSolution) -> list[str]:
    """Keys of the hard findings in a solution, asked of the rules directly."""
    found = []
    for worker in problem.workers:
        own = [shift for shift in solution.shifts if shift.worker_id == worker.worker_id]
        context = RuleContext.of(problem, worker)
        found += [v.key for v in check_worker(own, context, problem.rules) if v.mode is Mode.HARD]
    return found
