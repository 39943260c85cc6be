"""Which days one person works, and how long: an exact dynamic programme over days and norm.

State after a day: consecutive days worked (0 after a free day), days worked in the calendar week, whether
the week holds its free days (only where asked), and the paid total. Rest between two given
shifts is not seen here, so the best value is an upper bound for the person; :mod:`start_choice` settles the
hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.objective import norm_costs
from apps.algorithms.rostering.problem import DAYS_IN_WEEK, RotationKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.person_model import PersonModel
    from apps.algorithms.rostering.problem import ObjectiveWeights

    Values = NDArray[np.float64]

__all__ = ["DayChoice", "choose_days", "norm_values"]

NOTHING = -np.inf


@dataclass(frozen=True, slots=True)
class DayChoice:
    """Best value found, and the chosen ``(day, table index)`` in order of days."""

    value: float
    days: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Sizes of the state: rest flag, consecutive days, days of the week, paid total in units."""

    rest_days: int
    consecutive: int
    capped: bool
    week: int
    weekly: bool
    total: int
    units: tuple[int, ...]

    @property
    def strict(self) -> bool:
        """Whether the state knows of the free days of the week."""
        return self.rest_days > 0

    def rests_on(self, weekday: int) -> bool:
        """Whether a free day can complete the rest: a second one after Monday, a single one inside it."""
        last = DAYS_IN_WEEK - 1
        return self.strict and weekday > 0 and (self.rest_days > 1 or weekday < last)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return 1 + int(self.strict), self.consecutive + 1, self.week + 1, self.total + 1


def norm_values(model: PersonModel, weights: ObjectiveWeights) -> Values:
    """Value (minus the price) of each paid total from 0 in units; forbidden ones are minus infinity."""
    longest = max((table.breaks.paid for table in model.tables), default=0)
    paid = np.arange(longest * len(model.weeks) // model.unit + 1) * model.unit
    values = -norm_costs(paid, model.norm, model.limits, weights).astype(np.float64)
    if model.limits.paid_cap is not None:
        values[paid > model.limits.paid_cap] = NOTHING
    return np.asarray(values)


def _grid(model: PersonModel, rest_days: int) -> _Grid:
    """Sizes of the state, without counts that this person's calendar can never drive to their limit."""
    cap = model.limits.max_consecutive_days
    if cap is not None and _longest_run(model) <= cap:
        cap = None
    rotation = model.worker.work_rule.rotation
    weekly = rotation.kind is RotationKind.FLEXIBLE and _fullest_week(model) > rotation.days_per_week
    units = tuple(table.breaks.paid // model.unit for table in model.tables)
    most = max(units) * model.may_work.shape[1]
    if model.limits.paid_cap is not None:
        most = min(most, max(model.limits.paid_cap, 0) // model.unit)
    return _Grid(
        rest_days=rest_days,
        consecutive=1 if cap is None else cap,
        capped=cap is not None,
        week=rotation.days_per_week if weekly else 0,
        weekly=weekly,
        total=most,
        units=units,
    )


def _longest_run(model: PersonModel) -> int:
    """Most consecutive days that may be worked, the known days before the period among them."""
    run = longest = model.tail.consecutive
    for may_work in np.any(model.may_work, axis=0):
        run = run + 1 if may_work else 0
        longest = max(longest, run)
    return longest


def _fullest_week(model: PersonModel) -> int:
    """Most days of one calendar week that may be worked, the known days before the period among them."""
    days = np.bincount(model.weeks, weights=model.may_work.any(axis=0))
    days[model.weeks[0]] += model.tail.days_this_week
    return int(days.max())


def _initial(model: PersonModel, grid: _Grid) -> Values:
    state = np.full(grid.shape, NOTHING)
    tail = model.tail
    consecutive = min(tail.consecutive, grid.consecutive)
    week = min(tail.days_this_week, grid.week)
    past = tail.last_week == 0 and tail.week_rested
    rested = grid.strict and (past or tail.free_days_before >= grid.rest_days)
    state[int(rested), consecutive, week, 0] = 0.0
    return state


def _new_week(state: Values, grid: _Grid) -> Values:
    """State at a Monday: the week's count starts anew; the week before must have rested."""
    kept = state[-1] if grid.strict else state.max(axis=0)
    fresh = np.full(grid.shape, NOTHING)
    fresh[0, :, 0, :] = kept.max(axis=1)
    return fresh


def _free_day(state: Values, grid: _Grid, weekday: int) -> Values:
    after = np.full(grid.shape, NOTHING)
    after[:, 0] = state.max(axis=1)
    if grid.rests_on(weekday):
        rested = after[0, 0] if grid.rest_days == 1 else state[0, 0]
        np.maximum(after[1, 0], rested, out=after[1, 0])
    return after


def _source(state: Values, grid: _Grid) -> Values:
    """States that allow one more working day, placed where that day leads (but for the paid total)."""
    moved = np.full(grid.shape, NOTHING)
    if grid.capped:
        kept = state[:, :-1]
        moved_days = moved[:, 1:]
    else:
        kept = state.max(axis=1, keepdims=True)
        moved_days = moved[:, 1:2]
    if grid.weekly:
        moved_days[:, :, 1:] = kept[:, :, :-1]
    else:
        moved_days[:] = kept
    return moved


def choose_days(
    model: PersonModel, values: list[Values], norm: Values, *, rest_days: int
) -> DayChoice | None:
    """Choose days and lengths of the greatest value.

    Parameters
    ----------
    model
        What the person may be given.
    values
        For each table the value of its best shift on each day, shape (n_days,); minus infinity for none.
    norm
        Value of each paid total in units, as by :func:`norm_values`.
    rest_days
        Neighbouring free days demanded in every calendar week: 0, 1 or 2.

    Returns
    -------
    DayChoice or None
        None where no choice keeps the rules at day level.

    """
    if not model.tables:
        return DayChoice(float(norm[0]), ()) if np.isfinite(norm[0]) else None
    grid = _grid(model, rest_days)
    best: DayChoice | None = None
    for may_work in model.may_work:
        found = _choose(model, grid, may_work, values, norm)
        if found is not None and (best is None or found.value > best.value):
            best = found
    return best


def _choose(
    model: PersonModel, grid: _Grid, may_work: NDArray[np.bool_], values: list[Values], norm: Values
) -> DayChoice | None:
    before: list[Values] = []
    mondays: dict[int, Values] = {}
    state = _initial(model, grid)
    for day in range(len(may_work)):
        weekday = (model.context.first_weekday + day) % DAYS_IN_WEEK
        if weekday == 0 and day:
            mondays[day] = state
            state = _new_week(state, grid)
        before.append(state)
        after = _free_day(state, grid, weekday)
        if may_work[day]:
            source = _source(state, grid)
            for units, value in zip(grid.units, values, strict=True):
                if value[day] > NOTHING and units <= grid.total:
                    reached = after[..., units:]
                    np.maximum(reached, source[..., : grid.total + 1 - units] + value[day], out=reached)
        state = after
    final = _final(model, grid, state) + norm[: grid.total + 1]
    index = int(final.argmax())
    best = float(final.ravel()[index])
    if best == NOTHING:
        return None
    cell = tuple(int(part) for part in np.unravel_index(index, grid.shape))
    return DayChoice(best, tuple(_walk_back(model, grid, may_work, values, (before, mondays), cell)))


def _final(model: PersonModel, grid: _Grid, state: Values) -> Values:
    """States allowed at the end: in a week cut by the edge, days nobody has planned count as free."""
    if not grid.strict:
        return state
    known = (model.context.first_weekday + model.context.n_days) % DAYS_IN_WEEK
    unknown = (DAYS_IN_WEEK - known) % DAYS_IN_WEEK
    if unknown >= grid.rest_days:
        return state
    allowed = np.full(grid.shape, NOTHING)
    allowed[1] = state[1]
    if unknown == 1:
        allowed[0, 0] = state[0, 0]
    return allowed


def _walk_back(
    model: PersonModel,
    grid: _Grid,
    may_work: NDArray[np.bool_],
    values: list[Values],
    history: tuple[list[Values], dict[int, Values]],
    cell: tuple[int, ...],
) -> list[tuple[int, int]]:
    """Retrace the decisions that led to ``cell``."""
    before, mondays = history
    rest, run, week, total = cell
    chosen: list[tuple[int, int]] = []
    for day in range(len(may_work) - 1, -1, -1):
        weekday = (model.context.first_weekday + day) % DAYS_IN_WEEK
        state = before[day]
        if run == 0:
            rest, run = _before_free(state, grid, (rest, week, total), weekday)
        else:
            index, run = _before_work(state, grid, values, day, (rest, run, week, total))
            week -= int(grid.weekly)
            total -= grid.units[index]
            chosen.append((day, index))
        if day in mondays:
            kept = mondays[day][:, run, :, total]
            if grid.strict:
                kept = kept[1:]
            rest, week = (int(part) for part in np.unravel_index(int(kept.argmax()), kept.shape))
            rest += int(grid.strict)
    return chosen[::-1]


def _before_free(state: Values, grid: _Grid, after: tuple[int, int, int], weekday: int) -> tuple[int, int]:
    rest, week, total = after
    run = int(state[rest, :, week, total].argmax())
    if rest == 1 and grid.rests_on(weekday):
        earlier = state[0, :, week, total]
        other = int(earlier.argmax()) if grid.rest_days == 1 else 0
        if earlier[other] > state[1, run, week, total]:
            return 0, other
    return rest, run


def _before_work(
    state: Values, grid: _Grid, values: list[Values], day: int, after: tuple[int, int, int, int]
) -> tuple[int, int]:
    """Table of the shift worked on ``day``, and consecutive days before it."""
    rest, run, week, total = after
    best, answer = NOTHING, (0, 0)
    for index, units in enumerate(grid.units):
        if units > total or values[index][day] == NOTHING:
            continue
        column: Values = state[rest, :, week - int(grid.weekly), total - units]
        previous = run - 1 if grid.capped else int(column.argmax())
        value = column[previous] + values[index][day]
        if value > best:
            best, answer = value, (index, previous)
    return answer
