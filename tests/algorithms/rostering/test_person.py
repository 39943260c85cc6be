"""One person against rules that bind: the search finds lawful months, the bound stays below all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.algorithms.rostering.best_month import as_shifts, best_month
from apps.algorithms.rostering.bound import LagrangianBound, PriceSearch
from apps.algorithms.rostering.diagnosis import reachable_slots
from apps.algorithms.rostering.person_model import build_models
from apps.algorithms.rostering.problem import Rotation, RotationKind, ShiftWindow, Worker
from apps.algorithms.rostering.rules import Mode
from tests.algorithms.rostering.rosters import (
    DAY,
    HOUR_S,
    best_price,
    make_problem,
    make_rule,
    make_shift,
    make_worker,
    price_of,
    rules_with,
)

EVERY_DAY = Rotation(RotationKind.FLEXIBLE, days_per_week=7)
PADDING = 48
EAGER = rules_with(lunch_and_breaks={"max_continuous_s": 12 * HOUR_S}, month_norm={"under_s": 400 * HOUR_S})
RESTLESS = tuple(rule for rule in EAGER if rule.code not in {"weekly_rest", "max_consecutive_days"})


def worked_days(worker: Worker, *, rules: tuple[object, ...], first_weekday: int = 0) -> list[int]:
    """Days worked by a person who is wanted all day and every day; the checkers must agree."""
    days = len(worker.day_starts) - 1
    problem = make_problem(
        (worker,), np.ones(days * DAY, dtype=np.int64), first_weekday=first_weekday, rules=rules
    )
    (model,) = build_models(problem)
    month = best_month(model, np.full(problem.n_slots + PADDING, 10.0), problem.weights)
    assert month is not None
    shifts = as_shifts(model, month)
    assert not [
        f for rule in problem.rules if rule.mode is Mode.HARD for f in rule.check(shifts, model.context)
    ]
    return [shift.day for shift in shifts]


def long_days(**fields: object) -> Worker:
    """Somebody who would work 10 h from 09:00 on every day of a fortnight."""
    window = ShiftWindow(9, 9, 1, 10, 10, 1)
    given = {"days": 14, "norm_h": 200, "work_rule": make_rule(window, EVERY_DAY), **fields}
    return make_worker(1, **given)  # type: ignore[arg-type]


def test_weekly_rest_takes_two_days_out_of_every_week() -> None:
    days = worked_days(long_days(), rules=(*RESTLESS, *rules_with()[-1:]))
    assert [sum(day // 7 == week for day in days) for week in (0, 1)] == [5, 5]


def test_weekly_rest_takes_one_day_where_the_hours_around_it_are_short() -> None:
    window = ShiftWindow(8, 14, 6, 4, 4, 1)
    worker = long_days(work_rule=make_rule(window, EVERY_DAY))
    days = worked_days(worker, rules=(*RESTLESS, *rules_with()[-1:]))
    assert [sum(day // 7 == week for day in days) for week in (0, 1)] == [6, 6]


def test_without_the_rule_nothing_but_the_day_limits_the_person() -> None:
    assert len(worked_days(long_days(), rules=RESTLESS)) == 14


@pytest.mark.parametrize(("tail", "longest"), [(0, 3), (2, 1), (3, 0)])
def test_consecutive_days_count_from_the_previous_period(tail: int, longest: int) -> None:
    rules = tuple(
        r for r in rules_with(max_consecutive_days={"max_days": 3}) if r.code == "max_consecutive_days"
    )
    previous = tuple(make_shift(-day, 9, 4) for day in range(tail, 0, -1))
    days = worked_days(long_days(previous=previous), rules=(*RESTLESS, *rules))
    first = next(day for day in range(14) if day not in days)
    assert first == longest
    assert len(days) == {0: 11, 2: 10, 3: 10}[tail]


def test_days_of_the_week_worked_before_the_period_count_against_five() -> None:
    previous = tuple(make_shift(-day, 9, 4) for day in (4, 3, 2, 1))
    rule = make_rule(ShiftWindow(9, 9, 1, 10, 10, 1), Rotation(RotationKind.FLEXIBLE, days_per_week=5))
    worker = long_days(days=10, previous=previous, work_rule=rule)
    days = worked_days(worker, rules=RESTLESS, first_weekday=4)
    assert sum(day < 3 for day in days) == 1
    assert sum(day >= 3 for day in days) == 5


def test_a_week_begun_without_rest_must_find_it_after_the_first_of_the_month() -> None:
    previous = tuple(make_shift(-day, 9, 10) for day in (4, 3, 2, 1))
    worker = long_days(days=10, previous=previous)
    days = worked_days(worker, rules=(*RESTLESS, *rules_with()[-1:]), first_weekday=4)
    assert sum(day < 3 for day in days) == 1


def test_a_week_spoilt_before_the_period_does_not_stop_the_plan() -> None:
    previous = tuple(make_shift(-day, 9, 10) for day in range(6, 0, -1))
    worker = long_days(days=8, previous=previous)
    problem = make_problem((worker,), np.ones(8 * DAY, dtype=np.int64), first_weekday=6, rules=EAGER)
    (model,) = build_models(problem)
    month = best_month(model, np.full(problem.n_slots + PADDING, 10.0), problem.weights)
    assert month is not None
    assert len(month.shifts) >= 5


@pytest.mark.parametrize(("first_weekday", "expected"), [(0, [6, 3]), (3, [4, 5])])
def test_days_after_the_period_are_free_to_rest(first_weekday: int, expected: list[int]) -> None:
    """The last week is cut after three days (or five), so the rest may lie behind the edge."""
    window = ShiftWindow(8, 14, 6, 4, 4, 1)
    worker = long_days(days=10 if first_weekday == 0 else 9, work_rule=make_rule(window, EVERY_DAY))
    days = worked_days(worker, rules=(*RESTLESS, *rules_with()[-1:]), first_weekday=first_weekday)
    weeks = [(first_weekday + day) // 7 for day in days]
    assert [weeks.count(0), weeks.count(1)] == expected


windows = st.sampled_from(
    [
        ShiftWindow(0, 12, 12, 4, 4, 1),
        ShiftWindow(9, 9, 1, 3, 4, 1),
        ShiftWindow(14, 22, 8, 8, 8, 1),
        ShiftWindow(20, 20, 1, 10, 10, 1),
    ]
)


@given(
    window=windows,
    first_weekday=st.integers(0, 6),
    norm_h=st.integers(0, 30),
    days_per_week=st.integers(3, 7),
    tail=st.lists(st.booleans(), max_size=4),
    seed=st.integers(0, 999),
)
@settings(deadline=None, max_examples=30)
def test_one_person_s_plan_lies_between_the_bound_and_all_lawful_months(
    window: ShiftWindow, first_weekday: int, norm_h: int, days_per_week: int, tail: list[bool], seed: int
) -> None:
    rotation = Rotation(RotationKind.FLEXIBLE, days_per_week=days_per_week)
    previous = tuple(make_shift(-1 - back, 9, 4) for back, worked in enumerate(tail) if worked)[::-1]
    worker = make_worker(1, days=4, norm_h=norm_h, work_rule=make_rule(window, rotation), previous=previous)
    demand = np.random.default_rng(seed).integers(0, 2, 4 * DAY)
    problem = make_problem((worker,), demand, first_weekday=first_weekday, rules=EAGER)
    models = build_models(problem)
    lagrangian = LagrangianBound(problem, models, PADDING)
    bound = PriceSearch(lagrangian, reachable_slots(problem, models), seed).bound
    optimum = best_price(problem)
    assert bound <= optimum
    gain = np.concatenate([np.where(demand > 0, 20.0, -1.0), np.zeros(PADDING)])
    month = best_month(models[0], gain, problem.weights)
    assert month is not None
    shifts = as_shifts(models[0], month)
    assert optimum <= price_of(problem, shifts)
    relaxed = lagrangian.value(np.where(demand > 0, 20.0, -1.0))
    assert relaxed <= optimum


def test_the_bound_is_tight_where_prices_say_everything() -> None:
    worker = make_worker(1, norm_h=15, work_rule=make_rule(ShiftWindow(8, 8, 1, 3, 3, 1)))
    demand = np.zeros(7 * DAY, dtype=np.int64)
    problem = make_problem((worker,), demand, rules=EAGER)
    models = build_models(problem)
    lagrangian = LagrangianBound(problem, models, PADDING)
    bound = PriceSearch(lagrangian, reachable_slots(problem, models), 1).bound
    assert bound == best_price(problem) == 15
