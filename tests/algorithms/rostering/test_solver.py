from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.algorithms.rostering.bound import PriceSearch
from apps.algorithms.rostering.problem import (
    BreakRule,
    ClockChange,
    Rotation,
    RotationKind,
    ShiftWindow,
    Span,
    Worker,
)
from apps.algorithms.rostering.rules import Mode, RuleContext, Violation, default_rules
from apps.algorithms.rostering.rules.base import LabourRule, Unit
from apps.algorithms.rostering.rules.lunch_and_breaks import is_partition
from apps.algorithms.rostering.solution import SolveStatus
from apps.algorithms.rostering.solver import (
    InvalidBoundError,
    UnlawfulRosterError,
    _refuse_unlawful,
    solve,
)
from tests.algorithms.rostering.rosters import (
    DAY,
    HOUR_S,
    LONG_DAY,
    best_price,
    hard_findings,
    make_problem,
    make_rule,
    make_shift,
    make_worker,
    price_of,
    rules_with,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.rostering.problem import RosterProblem
    from apps.algorithms.rostering.shifts import Shift
    from apps.algorithms.rostering.solution import Progress


def day_demand(days: int, agents: int, *, begin: int = 8, end: int = 17) -> np.ndarray:
    clock = np.arange(days * DAY) % DAY
    return np.where((clock >= begin) & (clock < end), agents, 0)


def week_of_office(people: int = 6, seed: int = 0) -> RosterProblem:
    """A fortnight, 8-9 h shifts with lunch and breaks on a 15-minute grid."""
    rng = np.random.default_rng(seed)
    breaks = (BreakRule(28, 40, 3, 12, 20, 3, 1, 4, 10),)
    rule = make_rule(ShiftWindow(28, 44, 4, 28, 36, 4), breaks=breaks)
    starts = tuple(range(0, 14 * 96 + 1, 96))
    workers = tuple(
        Worker(number, rule, starts, 72 * HOUR_S, unavailable=(Span(96, 96 * 3),) if number == 2 else ())
        for number in range(1, people + 1)
    )
    clock = np.arange(14 * 96) % 96
    demand = np.where((clock >= 32) & (clock < 72), rng.integers(1, people - 1, 14 * 96), 0)
    return make_problem(workers, demand, slot_s=900)


small_windows = st.sampled_from(
    [ShiftWindow(8, 12, 4, 3, 3, 1), ShiftWindow(8, 8, 1, 5, 6, 1), ShiftWindow(18, 22, 4, 4, 4, 1)]
)


@given(
    windows=st.tuples(small_windows, small_windows),
    need=st.lists(st.integers(0, 2), min_size=DAY, max_size=DAY),
    norms=st.tuples(st.integers(4, 12), st.integers(4, 12)),
    first_weekday=st.integers(0, 6),
    absent=st.booleans(),
    night=st.booleans(),
)
@settings(deadline=None, max_examples=25)
def test_bound_and_objective_enclose_the_true_optimum(
    windows: tuple[ShiftWindow, ShiftWindow],
    need: list[int],
    norms: tuple[int, int],
    first_weekday: int,
    absent: bool,
    night: bool,
) -> None:
    """Shifts of the previous period run into the first morning and cover a part of its demand."""
    away = (Span(30, 40),) if absent else ()
    tail = (make_shift(-1, 20, 11, lunch_at=5),) if night else ()
    workers = (
        make_worker(1, days=3, norm_h=norms[0], work_rule=make_rule(windows[0]), unavailable=away),
        make_worker(2, days=3, norm_h=norms[1], work_rule=make_rule(windows[1]), previous=tail),
    )
    demand = np.concatenate([need, np.roll(need, 3), need])
    rules = rules_with(lunch_and_breaks={"max_continuous_s": 4 * HOUR_S}, month_norm={"under_s": 12 * HOUR_S})
    problem = make_problem(workers, demand, first_weekday=first_weekday, rules=rules)
    optimum = best_price(problem)
    solution = solve(problem, time_limit_s=20.0, seed=1, max_rounds=12)
    assert solution.bound <= optimum <= solution.objective
    assert solution.objective == price_of(problem, list(solution.shifts))
    assert hard_findings(problem, solution) == []


def test_reaches_the_proven_optimum_where_the_demand_can_be_met_exactly() -> None:
    workers = tuple(
        make_worker(n, norm_h=15, work_rule=make_rule(ShiftWindow(8, 8, 1, 3, 3, 1))) for n in (1, 2)
    )
    clock = np.arange(7 * DAY)
    demand = np.where((clock % DAY >= 8) & (clock % DAY < 11) & (clock < 5 * DAY), 2, 0)
    solution = solve(make_problem(workers, demand), time_limit_s=10.0, seed=1)
    assert (solution.status, solution.objective, solution.bound) == (SolveStatus.OPTIMAL, 0, 0)
    assert solution.gap == 0.0


shift_lengths = st.tuples(st.integers(3, 8), st.integers(0, 2)).map(lambda pair: (pair[0], sum(pair)))
rotations = st.sampled_from(
    [
        Rotation(RotationKind.FLEXIBLE, days_per_week=5),
        Rotation(RotationKind.FLEXIBLE, days_per_week=6),
        Rotation(RotationKind.CYCLE, pattern=(True, True, False, False)),
        Rotation(RotationKind.WEEKDAYS, pattern=(True,) * 6 + (False,)),
    ]
)


@st.composite
def random_workers(draw: st.DrawFn, worker_id: int, days: int) -> Worker:
    start, width = draw(st.integers(0, 23)), draw(st.integers(0, 6))
    shortest, longest = draw(shift_lengths)
    window = ShiftWindow(start, start + width, draw(st.integers(1, 3)), shortest, longest, 1)
    breaks = (BreakRule(1, 4, 0, 0, 0, 0, 0, 1, 4), BreakRule(5, 12, 1, 1, 6, 1, 1, 1, 3))
    zone = draw(st.integers(-3, 3)) + 3
    tail = tuple(
        make_shift(day, start, 4) for day in range(-draw(st.integers(0, 4)), 0) if draw(st.booleans())
    )
    away = draw(st.lists(st.tuples(st.integers(0, days * DAY), st.integers(1, 60)), max_size=2))
    return make_worker(
        worker_id,
        days=days,
        norm_h=draw(st.integers(0, 60)),
        work_rule=make_rule(window, draw(rotations), breaks),
        day_starts=tuple(zone + day * DAY for day in range(days + 1)),
        unavailable=tuple(Span(begin, begin + length) for begin, length in away),
        night_ban=draw(st.booleans()),
        previous=tail,
    )


@given(data=st.data(), days=st.integers(4, 16), first_weekday=st.integers(0, 6), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_random_rosters_are_lawful_and_whole(
    data: st.DataObject, days: int, first_weekday: int, seed: int
) -> None:
    workers = tuple(
        data.draw(random_workers(number, days)) for number in range(1, data.draw(st.integers(1, 4)) + 1)
    )
    demand = np.random.default_rng(seed).integers(0, 4, days * DAY + 6)
    problem = make_problem(workers, demand, first_weekday=first_weekday)
    solution = solve(problem, time_limit_s=20.0, seed=seed, max_rounds=3)
    explained = {conflict.code for conflict in solution.conflicts}
    assert {key.partition(".")[0] for key in hard_findings(problem, solution)} <= explained
    assert all(is_partition(shift) for shift in solution.shifts)
    assert solution.bound <= solution.objective == price_without_floor(problem, solution.shifts)
    assert solution.under_slots == int(np.maximum(demand - solution.coverage, 0).sum())


def price_without_floor(problem: RosterProblem, shifts: Sequence[Shift]) -> int:
    """Objective with the price of a broken norm floor."""
    base = price_of(problem, list(shifts))
    for worker in problem.workers:
        paid = sum(shift.paid for shift in shifts if shift.worker_id == worker.worker_id)
        base += problem.weights.norm_floor * max(worker.norm_s // HOUR_S - 8 - paid, 0)
    return base


def test_the_same_seed_gives_the_same_roster() -> None:
    problem = week_of_office()
    first, second = (solve(problem, time_limit_s=60.0, seed=5, max_rounds=4) for _ in range(2))
    assert first.shifts == second.shifts
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_cancel_returns_at_once_with_a_lawful_roster() -> None:
    problem = week_of_office(people=12)
    asked: list[float] = []

    def cancelled() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 15

    solution = solve(problem, time_limit_s=60.0, seed=1, cancelled=cancelled)
    assert solution.status is SolveStatus.CANCELLED
    assert time.monotonic() - asked[15] < 1.0
    assert set(hard_findings(problem, solution)) <= {"month_norm.under"}


def test_the_time_limit_holds_and_progress_is_told() -> None:
    told: list[Progress] = []
    begun = time.monotonic()
    solution = solve(week_of_office(), time_limit_s=3.0, seed=1, progress=told.append)
    assert time.monotonic() - begun < 4.5
    assert solution.status is not SolveStatus.CANCELLED
    assert [report.fraction for report in told] == sorted(report.fraction for report in told)
    assert told[-1].objective == solution.objective
    assert [phase.phase for phase in solution.phases][:2] == ["model", "construct"]


def test_a_person_absent_nearly_all_month_is_named_and_the_rest_is_planned() -> None:
    rule = make_rule(ShiftWindow(8, 10, 1, 8, 8, 1), breaks=(replace(LONG_DAY, max_continuous=5),))
    rules = rules_with(lunch_and_breaks={"max_continuous_s": 5 * HOUR_S})
    gone = make_worker(7, norm_h=40, work_rule=rule, unavailable=(Span(0, 6 * DAY),))
    here = make_worker(8, norm_h=40, work_rule=rule)
    solution = solve(
        make_problem((gone, here), day_demand(7, 1), rules=rules), time_limit_s=10.0, seed=1, max_rounds=6
    )
    conflict = solution.conflicts[0]
    assert len(solution.conflicts) == 1
    assert (conflict.worker_id, conflict.code, conflict.reason) == (7, "month_norm", "absence")
    assert (conflict.limit_h, conflict.reachable_h) == (32.0, 8.0)
    assert {(v.worker_id, v.key) for v in solution.violations} == {(7, "month_norm.under")}
    assert sum(shift.paid for shift in solution.shifts if shift.worker_id == 8) == 40


def test_a_rotation_that_cannot_fill_the_norm_on_open_days_says_so() -> None:
    cycle = make_rule(ShiftWindow(8, 8, 1, 4, 4, 1), Rotation(RotationKind.CYCLE, pattern=(True, False)))
    rules = rules_with(lunch_and_breaks={"max_continuous_s": 4 * HOUR_S})
    worker = make_worker(1, norm_h=30, work_rule=cycle, phase=0)
    problem = make_problem((worker,), day_demand(7, 1), rules=rules)
    assert solve(problem, time_limit_s=5.0, seed=1, max_rounds=3).conflicts[0].reason == "rotation"
    closed = replace(
        problem, workers=(replace(worker, norm_s=20 * HOUR_S),), open_slots=np.arange(7 * DAY) < 30
    )
    assert solve(closed, time_limit_s=5.0, seed=1, max_rounds=3).conflicts[0].reason == "open_hours"


def test_too_few_people_is_a_shortage_in_hours() -> None:
    worker = make_worker(1, norm_h=15, work_rule=make_rule(ShiftWindow(8, 8, 1, 3, 3, 1)))
    solution = solve(make_problem((worker,), day_demand(7, 2)), time_limit_s=5.0, seed=1, max_rounds=4)
    by_key = {shortage.key: shortage for shortage in solution.shortages}
    assert (by_key["head_count"].required_h, by_key["head_count"].available_h) == (126.0, 15.0)
    for key, required_h in (("closed_to_people", 12.0), ("day", 18.0)):
        daily = {short.day: short.required_h for short in solution.shortages if short.key == key}
        assert daily == dict.fromkeys(range(7), required_h)


def test_shifts_of_the_previous_period_cover_the_first_night() -> None:
    night = make_shift(-1, 20, 11, lunch_at=5)
    worker = make_worker(1, days=2, previous=(night,))
    demand = np.zeros(2 * DAY, dtype=np.int64)
    demand[[0, 2, 3, 4, 5, 6, 7]] = 1
    solution = solve(make_problem((worker,), demand), time_limit_s=5.0, seed=1, max_rounds=2)
    assert (solution.under_slots, solution.objective, solution.shifts) == (0, 0, ())


def test_shifts_stay_inside_the_open_hours() -> None:
    problem = week_of_office()
    clock = np.arange(problem.n_slots) % 96
    opened = replace(problem, open_slots=(clock >= 32) & (clock < 76))
    solution = solve(opened, time_limit_s=20.0, seed=1, max_rounds=3)
    assert solution.shifts
    assert all(shift.start % 96 >= 32 and (shift.end - 1) % 96 < 76 for shift in solution.shifts)


class NoSundays(LabourRule):
    """A rule that came later: it knows only how to check."""

    code = "no_sundays"
    article = "113"
    mode = Mode.HARD

    def check(self, shifts: Sequence[Shift], context: RuleContext) -> list[Violation]:
        return [
            self.found(context, (shift.start, shift.end), 1, 0, Unit.COUNT)
            for shift in shifts
            if (context.first_weekday + shift.day) % 7 == 6
        ]


def test_a_rule_that_can_only_check_still_restrains_the_search() -> None:
    workers = tuple(make_worker(n, norm_h=12) for n in range(1, 4))
    problem = make_problem(workers, day_demand(7, 1), rules=(*default_rules(), NoSundays()))
    solution = solve(problem, time_limit_s=10.0, seed=1, max_rounds=6)
    assert all(shift.day != 6 for shift in solution.shifts)


def test_a_warning_rule_is_reported_and_does_not_bind() -> None:
    workers = (make_worker(1, norm_h=21),)
    relaxed = rules_with(max_consecutive_days={"mode": Mode.WARN, "max_days": 2})
    solution = solve(
        make_problem(workers, day_demand(7, 1), rules=relaxed), time_limit_s=5.0, seed=1, max_rounds=4
    )
    assert {(v.code, v.mode) for v in solution.violations} == {("max_consecutive_days", Mode.WARN)}


def test_an_unexplained_hard_violation_is_refused_loudly() -> None:
    finding = Violation("weekly_rest", "110", Mode.HARD, "weekly_rest", 4, 0, 168, 10, 42, Unit.SECONDS)
    with pytest.raises(UnlawfulRosterError, match=r"weekly_rest \(art. 110\), worker 4"):
        _refuse_unlawful((finding,), ())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"demand": np.array([-1] * 168)}, "none negative"),
        ({"demand": np.array([0.5] * 168)}, "integers"),
        ({"slot_s": 7}, "does not divide a day"),
        ({"open_slots": np.ones(3, dtype=bool)}, "shape of demand"),
        ({"n_days": 9}, "day_starts needs 10 slots"),
        ({"workers": (make_worker(1), make_worker(1))}, "unique"),
        ({"workers": (make_worker(1, day_starts=tuple(range(-3, 166, 24))),)}, "before slot 0"),
    ],
)
def test_a_malformed_problem_is_refused_with_the_reason(fields: dict[str, object], reason: str) -> None:
    problem = make_problem((make_worker(1),), day_demand(7, 1))
    with pytest.raises(ValueError, match=reason):
        replace(problem, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((8, 12, 0, 3, 3, 1), "at least one slot"),
        ((12, 8, 1, 3, 3, 1), "ends before it begins"),
        ((-1, 8, 1, 3, 3, 1), "its own local day"),
    ],
)
def test_a_malformed_shift_window_is_refused(numbers: tuple[int, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ShiftWindow(*numbers)


def test_without_people_every_demand_is_a_proven_shortage() -> None:
    problem = replace(make_problem((make_worker(1),), day_demand(7, 1)), workers=())
    solution = solve(problem, time_limit_s=5.0, seed=1, max_rounds=2)
    assert (solution.status, solution.shifts) == (SolveStatus.OPTIMAL, ())
    assert solution.under_slots == solution.demand_slots == 63
    assert solution.bound == solution.objective == 63 * 20


@pytest.mark.parametrize(("change", "eight_o_clock"), [(ClockChange(3, 2, -1), 7), (ClockChange(3, 3, 1), 9)])
def test_on_the_day_clocks_are_set_a_shift_begins_by_the_local_clock(
    change: ClockChange, eight_o_clock: int
) -> None:
    """Day 3 is 23 (25) hours long: its eight o'clock comes 7 (9) hours after its midnight."""
    starts = (0, 24, 48, 72, *(day * DAY + change.gained for day in range(4, 8)))
    worker = make_worker(
        1,
        norm_h=15,
        day_starts=starts,
        clock_changes=(change,),
        work_rule=make_rule(ShiftWindow(8, 8, 1, 3, 3, 1)),
    )
    solution = solve(make_problem((worker,), day_demand(7, 1)), time_limit_s=5.0, seed=1, max_rounds=3)
    begins = {shift.day: shift.start - starts[shift.day] for shift in solution.shifts}
    assert begins.pop(3) == eight_o_clock
    assert set(begins.values()) == {8}
    assert len(begins) == 4


def test_a_week_spoilt_by_the_previous_period_is_named_and_the_month_is_planned() -> None:
    window = ShiftWindow(9, 9, 1, 3, 3, 1)
    tail = tuple(make_shift(-day, 9, 10) for day in range(6, 0, -1))
    worker = make_worker(1, days=8, norm_h=15, previous=tail, work_rule=make_rule(window))
    problem = make_problem((worker,), day_demand(8, 1), first_weekday=6)
    solution = solve(problem, time_limit_s=5.0, seed=1, max_rounds=3)
    assert [(c.code, c.reason, c.limit_h) for c in solution.conflicts] == [
        ("weekly_rest", "previous_period", 42.0)
    ]
    assert len(solution.shifts) == 5
    assert min(shift.day for shift in solution.shifts) > 0
    assert (hard_findings(problem, solution), solution.violations) == ([], ())


def test_a_bound_above_a_known_roster_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = make_problem((make_worker(1, norm_h=15),), day_demand(7, 1))
    monkeypatch.setattr(PriceSearch, "bound", 10**6)
    with pytest.raises(InvalidBoundError, match="lower bound 1000000 exceeds"):
        solve(problem, time_limit_s=5.0, seed=1, max_rounds=2)


def test_polishing_ends_where_the_proven_gap_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One above the bound is close enough: a few idle rounds end the search long before its patience."""
    problem = week_of_office()
    far = solve(problem, time_limit_s=60.0, seed=5, max_rounds=60)
    monkeypatch.setattr(PriceSearch, "bound", far.objective - 1)
    near = solve(problem, time_limit_s=60.0, seed=5, max_rounds=60)
    assert near.objective == far.objective
    rounds = {name: sum(log.rounds for log in run.phases) for name, run in (("far", far), ("near", near))}
    assert rounds["near"] < rounds["far"]


@st.composite
def committed_shifts(draw: st.DrawFn, days: int) -> tuple[Shift, ...]:
    """Days worked elsewhere, inside the period and in the fortnight after it."""
    worked = draw(st.sets(st.integers(0, days + 13), max_size=6))
    start, paid = draw(st.integers(0, 14)), draw(st.integers(3, 9))
    return tuple(make_shift(day, start, paid) for day in sorted(worked))


@given(data=st.data(), days=st.integers(4, 16), first_weekday=st.integers(0, 6))
@settings(deadline=None, max_examples=60)
def test_nothing_planned_breaks_a_rule_against_shifts_planned_elsewhere(
    data: st.DataObject, days: int, first_weekday: int
) -> None:
    known = data.draw(committed_shifts(days))
    worker = replace(data.draw(random_workers(1, days)), committed=known)
    problem = make_problem((worker,), np.ones(days * DAY + 6), first_weekday=first_weekday)
    solution = solve(problem, time_limit_s=20.0, seed=1, max_rounds=2)
    assert {key.partition(".")[0] for key in hard_findings(problem, solution)} <= {"month_norm"}


def test_the_end_of_the_month_leaves_rest_before_what_is_known_to_follow() -> None:
    """A shift at eight on the day after the period: whoever likes evenings ends the last one by eight."""
    rule = make_rule(ShiftWindow(12, 21, 1, 3, 3, 1))
    known = (make_shift(7, 8, 8),)
    worker = make_worker(1, norm_h=15, work_rule=rule, committed=known)
    demand = np.zeros(7 * DAY, dtype=np.int64)
    demand[-3:] = 1
    free = solve(
        make_problem((replace(worker, committed=()),), demand), time_limit_s=5.0, seed=1, max_rounds=3
    )
    bound = solve(make_problem((worker,), demand), time_limit_s=5.0, seed=1, max_rounds=3)
    assert max(shift.end for shift in free.shifts) == 7 * DAY
    assert max(shift.end for shift in bound.shifts) <= 7 * DAY + 8 - 12


def test_a_run_of_days_worked_before_and_elsewhere_is_not_made_too_long() -> None:
    """Four days before the period and day 2 elsewhere leave one of the days between, not both."""
    rule = make_rule(ShiftWindow(9, 9, 1, 3, 3, 1), Rotation(RotationKind.FLEXIBLE, days_per_week=7))
    tail = tuple(make_shift(-day, 9, 3) for day in range(4, 0, -1))
    worker = make_worker(1, norm_h=18, work_rule=rule, previous=tail, committed=(make_shift(2, 9, 3),))
    rules = rules_with(weekly_rest={"mode": Mode.IGNORE})
    solution = solve(
        make_problem((worker,), day_demand(7, 1), rules=rules), time_limit_s=5.0, seed=1, max_rounds=3
    )
    assert {shift.day for shift in solution.shifts} == {0, 3, 4, 5, 6}


def test_the_first_day_is_free_after_six_days_before_it() -> None:
    """Work is wanted on days 0 to 3 alone, but day 0 would be the seventh in a row."""
    rule = make_rule(ShiftWindow(9, 9, 1, 3, 3, 1), Rotation(RotationKind.FLEXIBLE, days_per_week=7))
    tail = tuple(make_shift(-day, 9, 3) for day in range(6, 0, -1))
    worker = make_worker(1, norm_h=12, work_rule=rule, previous=tail)
    rules = rules_with(weekly_rest={"mode": Mode.IGNORE})
    demand = day_demand(7, 1) * (np.arange(7 * DAY) < 4 * DAY)
    solution = solve(make_problem((worker,), demand, rules=rules), time_limit_s=5.0, seed=1, max_rounds=3)
    days = {shift.day for shift in solution.shifts}
    assert 0 not in days
    assert {1, 2, 3} <= days
