"""One person's freedom under the hard rules: admissible shifts, and what the previous period left behind."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.break_table import BreakTable, break_table
from apps.algorithms.rostering.problem import DAYS_IN_WEEK, RotationKind
from apps.algorithms.rostering.rules.base import Limits, Mode, RuleContext
from apps.algorithms.rostering.rules.weekly_rest import longest_rest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.problem import RosterProblem, Worker

__all__ = ["PersonModel", "ShiftTable", "build_model", "build_models", "limits_of"]

LONG_AGO = -(10**9)


@dataclass(frozen=True, slots=True)
class ShiftTable:
    """Admissible shifts of one paid length: ``starts[i]`` on local day ``days[i]``, in order of both.

    ``first[d]`` and ``first[d + 1]`` bound the shifts of day ``d``; ``busy_days`` are the days that have any.
    """

    breaks: BreakTable
    starts: NDArray[np.int64]
    days: NDArray[np.int64]
    first: NDArray[np.int64]
    busy_days: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tail:
    """What the previous period means for this one.

    ``week_rested``: the week of the last shift already holds its weekly rest (or is not judged here).
    """

    last_end: int
    last_week: int
    week_rested: bool
    consecutive: int
    days_this_week: int
    free_days_before: int


@dataclass(frozen=True, slots=True)
class PersonModel:
    """Admissible shifts, working days by phase, limits, tail; ``unit`` divides all paid lengths.

    ``rest_days``: neighbouring free days a week to plan with, each tried, so that weekly rest will fit.
    """

    worker: Worker
    context: RuleContext
    limits: Limits
    tables: tuple[ShiftTable, ...]
    may_work: NDArray[np.bool_]
    weeks: NDArray[np.int64]
    norm: int
    unit: int
    tail: Tail
    rest_days: tuple[int, ...]


def limits_of(problem: RosterProblem, worker: Worker) -> Limits:
    """Ask every hard rule what it leaves to ``worker``, in slots."""
    limits, context = Limits(), RuleContext.of(problem, worker)
    for rule in problem.rules:
        if rule.mode is Mode.HARD:
            rule.restrain(limits, context)
    return limits


def _free_starts(
    problem: RosterProblem, limits: Limits, starts: NDArray[np.int64], presence: int
) -> NDArray[np.bool_]:
    """Which presences ``[start, start + presence)`` touch nothing closed."""
    free = np.ones(starts.shape, dtype=bool)
    for begin, end in limits.closed:
        free &= (starts >= end) | (starts + presence <= begin)
    if problem.open_slots is not None:
        closed = np.concatenate([[0], np.cumsum(~problem.open_slots)])
        inside = (starts >= 0) & (starts + presence <= problem.n_slots)
        ends = np.clip(starts + presence, 0, problem.n_slots)
        free &= inside & (closed[ends] == closed[np.clip(starts, 0, problem.n_slots)])
    return free


def _shift_tables(problem: RosterProblem, worker: Worker, limits: Limits) -> tuple[ShiftTable, ...]:
    offsets: dict[int, set[int]] = {}
    for window in worker.work_rule.windows:
        for paid in window.lengths:
            if limits.max_paid is None or paid <= limits.max_paid:
                offsets.setdefault(paid, set()).update(window.starts)
    shut = worker.off_days | limits.closed_days
    open_days = [day for day in range(problem.n_days) if day not in shut]
    context = RuleContext.of(problem, worker)
    tables = []
    for paid in sorted(offsets):
        breaks = break_table(worker.work_rule.break_rule(paid), paid, limits)
        if breaks is None or not open_days:
            continue
        local = sorted(offsets[paid])
        starts = np.array([context.at(day, clock) for day in open_days for clock in local], dtype=np.int64)
        days = np.repeat(np.array(open_days, dtype=np.int64), len(local))
        keep = _free_starts(problem, limits, starts, breaks.presence)
        starts, days = starts[keep], days[keep]
        if len(starts):
            first = np.searchsorted(days, np.arange(problem.n_days + 1))
            tables.append(ShiftTable(breaks, starts, days, first, np.unique(days)))
    return tuple(tables)


def _working_days(problem: RosterProblem, worker: Worker) -> NDArray[np.bool_]:
    """Days on which the rotation allows a shift, shape (phases, n_days)."""
    rotation, days = worker.work_rule.rotation, np.arange(problem.n_days)
    if rotation.kind is RotationKind.FLEXIBLE:
        return np.ones((1, problem.n_days), dtype=bool)
    pattern = np.array(rotation.pattern, dtype=bool)
    if rotation.kind is RotationKind.WEEKDAYS:
        return pattern[(problem.first_weekday + days) % DAYS_IN_WEEK][None, :]
    phases = range(len(pattern)) if worker.phase is None else (worker.phase,)
    return np.array([pattern[(days + phase) % len(pattern)] for phase in phases])


def _tail(problem: RosterProblem, worker: Worker, limits: Limits) -> Tail:
    context = RuleContext.of(problem, worker)
    previous = sorted(worker.previous, key=lambda shift: shift.start)
    worked = {shift.day for shift in previous}
    consecutive = 0
    while -1 - consecutive in worked:
        consecutive += 1
    monday = -problem.first_weekday
    free_days = next(
        (back for back in range(problem.first_weekday) if -1 - back in worked), problem.first_weekday
    )
    this_week = sum(monday <= day < 0 for day in worked)
    if not previous:
        return Tail(
            LONG_AGO, -1, week_rested=True, consecutive=0, days_this_week=0, free_days_before=free_days
        )
    last = previous[-1]
    last_week = (problem.first_weekday + last.day) // DAYS_IN_WEEK
    rested = last_week < 0
    if not rested:
        before_last = longest_rest(previous[:-1], context.midnight(monday), last.start)
        after_last = context.midnight(monday + DAYS_IN_WEEK) - last.end
        # a week that the past has spoilt for good is closed to shifts, and must not stop the plan
        rested = before_last >= limits.weekly_rest or after_last < limits.weekly_rest
    end = max(shift.end for shift in previous)
    return Tail(end, last_week, rested, consecutive, this_week, free_days)


def _needs_strict_rest(model_days: NDArray[np.bool_], weeks: NDArray[np.int64]) -> bool:
    """Whether some whole week has no two neighbouring days that are free anyway."""
    for week in np.unique(weeks):
        free = ~model_days[weeks == week]
        if len(free) == DAYS_IN_WEEK and not (free[1:] & free[:-1]).any():
            return True
    return False


def build_model(
    problem: RosterProblem, worker: Worker, tables: tuple[ShiftTable, ...], limits: Limits
) -> PersonModel:
    may_work = _working_days(problem, worker)
    offered = np.zeros(problem.n_days, dtype=bool)
    for table in tables:
        offered[table.busy_days] = True
    may_work = may_work & offered[None, :]
    weeks = (problem.first_weekday + np.arange(problem.n_days)) // DAYS_IN_WEEK
    rotation = worker.work_rule.rotation
    flexible = rotation.kind is RotationKind.FLEXIBLE
    strict = bool(limits.weekly_rest) and flexible and _needs_strict_rest(may_work[0], weeks)
    full_week = rotation.days_per_week >= DAYS_IN_WEEK - 1
    return PersonModel(
        worker=worker,
        context=RuleContext.of(problem, worker),
        limits=limits,
        tables=tables,
        may_work=may_work,
        weeks=weeks,
        norm=worker.norm_s // problem.slot_s,
        unit=gcd(*(table.breaks.paid for table in tables)) if tables else 1,
        tail=_tail(problem, worker, limits),
        rest_days=((2, 1) if full_week else (2, 0)) if strict else (0,),
    )


def build_models(problem: RosterProblem) -> list[PersonModel]:
    """Models of all people, in their order; people with equal freedom share their tables."""
    shared: dict[object, tuple[ShiftTable, ...]] = {}
    models = []
    for worker in problem.workers:
        limits = limits_of(problem, worker)
        key = (
            worker.work_rule,
            (worker.day_starts, worker.clock_changes),
            worker.off_days | limits.closed_days,
            limits.closed,
            limits.max_paid,
        )
        if key not in shared:
            shared[key] = _shift_tables(problem, worker, limits)
        models.append(build_model(problem, worker, shared[key], limits))
    return models
