"""Judge schedules by the labour rules alone, whoever made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.algorithms.rostering.rules.base import LabourRule, Mode, RuleContext, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apps.algorithms.rostering.problem import RosterProblem
    from apps.algorithms.rostering.shifts import Shift

__all__ = ["check_roster", "check_worker"]


def check_worker(
    shifts: Sequence[Shift], context: RuleContext, rules: Iterable[LabourRule]
) -> list[Violation]:
    """Ask every rule that is not ignored about one person's planned shifts."""
    return [
        violation
        for rule in rules
        if rule.mode is not Mode.IGNORE
        for violation in rule.check(shifts, context)
    ]


def check_roster(
    shifts: Iterable[Shift], problem: RosterProblem, reachable_s: Mapping[int, int] | None = None
) -> tuple[Violation, ...]:
    """Ask every rule that is not ignored about a whole roster.

    Parameters
    ----------
    shifts
        Planned shifts of any people of the problem, in any order.
    problem
        People, calendar and rules.
    reachable_s
        By worker id the most paid seconds the person can be given, where that is below the norm's floor.

    """
    by_worker: dict[int, list[Shift]] = {worker.worker_id: [] for worker in problem.workers}
    for shift in shifts:
        by_worker[shift.worker_id].append(shift)
    found: list[Violation] = []
    for worker in problem.workers:
        most_s = (reachable_s or {}).get(worker.worker_id)
        found += check_worker(
            by_worker[worker.worker_id], RuleContext.of(problem, worker, most_s), problem.rules
        )
    return tuple(found)
