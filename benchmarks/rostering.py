"""Optimiser on two made-up groups beside a proven bound and two peers: a greedy pass and one CP-SAT model."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apps.algorithms.rostering.checking import check_roster
from apps.algorithms.rostering.rules import Mode
from apps.algorithms.rostering.solver import solve
from benchmarks.report import print_table, write_json
from benchmarks.rostering_groups import large_group, small_group
from benchmarks.rostering_peers import PeerRoster, greedy, monolith

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.rostering.problem import RosterProblem
    from apps.algorithms.rostering.shifts import Shift

LARGE_LIMIT_S = 110.0
SMALL_LIMIT_S = 40.0
QUICK_LIMIT_S = 10.0
QUICK_PEOPLE = 60
UNDER_TARGET = 0.03


@dataclass(frozen=True)
class RosterFigures:
    group: str
    engine: str
    people: int
    shifts: int | None
    objective: int | None
    bound: int
    gap_percent: float | None
    under_percent: float | None
    hard_violations: int | None
    seconds: float
    head_count_suffices: bool


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the JSON; 1 if our roster breaks a hard rule or covers too little."""
    parser = argparse.ArgumentParser(prog="benchmarks rostering", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller large group and 10 s for each engine")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(argv)
    people = QUICK_PEOPLE if options.quick else 315
    limits = (QUICK_LIMIT_S, QUICK_LIMIT_S) if options.quick else (LARGE_LIMIT_S, SMALL_LIMIT_S)
    figures = [
        *measure("large weekday", large_group(people=people), limits[0], options.seed),
        *measure("small 24/7", small_group(), limits[1], options.seed),
    ]
    print_table("Rostering a month", [asdict(row) for row in figures])
    write_json(options.json, {"rostering": [asdict(row) for row in figures]})
    return 1 if any(_falls_short(row) for row in figures if row.engine == "wfm") else 0


def _falls_short(row: RosterFigures) -> bool:
    short = row.head_count_suffices and (row.under_percent or 0.0) > 100 * UNDER_TARGET
    return bool(row.hard_violations) or short


def measure(group: str, problem: RosterProblem, time_limit_s: float, seed: int) -> list[RosterFigures]:
    """Plan one group with ours, the greedy pass and CP-SAT, all priced by the one objective and bound."""
    solution = solve(problem, time_limit_s=time_limit_s, seed=seed)
    ours = PeerRoster(solution.shifts, solution.objective, solution.under_slots, solution.seconds)
    rosters = {
        "wfm": ours,
        "greedy pass": greedy(problem, seed),
        "CP-SAT monolith": monolith(problem, time_limit_s, seed),
    }
    enough = all(shortage.key != "head_count" for shortage in solution.shortages)
    return [
        _row((group, engine), problem, roster, solution.bound, enough=enough)
        for engine, roster in rosters.items()
    ]


def _row(
    names: tuple[str, str], problem: RosterProblem, roster: PeerRoster, bound: int, *, enough: bool
) -> RosterFigures:
    gap = None if not roster.objective else 100.0 * (roster.objective - bound) / roster.objective
    demand = int(problem.demand.sum())
    return RosterFigures(
        group=names[0],
        engine=names[1],
        people=len(problem.workers),
        shifts=None if roster.shifts is None else len(roster.shifts),
        objective=roster.objective,
        bound=bound,
        gap_percent=gap,
        under_percent=None if roster.under_slots is None else 100.0 * roster.under_slots / demand,
        hard_violations=None if roster.shifts is None else _hard(problem, roster.shifts),
        seconds=roster.seconds,
        head_count_suffices=enough,
    )


def _hard(problem: RosterProblem, shifts: tuple[Shift, ...]) -> int:
    return sum(violation.mode is Mode.HARD for violation in check_roster(shifts, problem))
