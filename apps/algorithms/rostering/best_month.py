"""The best lawful month of one person at given slot prices: days and lengths, then starts, then breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.day_choice import choose_days, norm_values
from apps.algorithms.rostering.shifts import Activity, ActivityKind, Shift
from apps.algorithms.rostering.start_choice import Stage, choose_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.break_table import PauseSpan
    from apps.algorithms.rostering.person_model import PersonModel, ShiftTable
    from apps.algorithms.rostering.problem import ObjectiveWeights

__all__ = ["Month", "best_month", "empty_month", "shift_values"]


@dataclass(frozen=True, slots=True)
class Month:
    """One person's shifts as ``(day, table index, start, pauses)``, the slots at work and the paid total."""

    shifts: tuple[tuple[int, int, int, tuple[PauseSpan, ...]], ...]
    slots: NDArray[np.int64]
    paid: int


def empty_month() -> Month:
    return Month((), np.zeros(0, dtype=np.int64), 0)


def shift_values(table: ShiftTable, gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Value of every shift of ``table`` with its best breaks, shape (n_shifts,)."""
    window = table.breaks.windows(gain, table.starts)
    return np.asarray(window.sum(axis=0) - table.breaks.least_loss(window))


def day_values(table: ShiftTable, values: NDArray[np.float64], n_days: int) -> NDArray[np.float64]:
    """Value of the best shift on each day, shape (n_days,); minus infinity where there is none."""
    best = np.full(n_days, -np.inf)
    best[table.busy_days] = np.maximum.reduceat(values, table.first[table.busy_days])
    return best


def best_month(model: PersonModel, gain: NDArray[np.float64], weights: ObjectiveWeights) -> Month | None:
    """Find the month of the greatest value.

    Parameters
    ----------
    model
        What the person may be given.
    gain
        What one more agent is worth in each slot, padded behind the horizon so that every shift fits.
    weights
        Prices of the objective, for the norm.

    Returns
    -------
    Month or None
        None where the search at day level finds no admissible month.

    """
    values = [shift_values(table, gain) for table in model.tables]
    by_day = [
        day_values(table, value, len(model.weeks)) for table, value in zip(model.tables, values, strict=True)
    ]
    best: tuple[float, list[tuple[int, int, int]]] | None = None
    for may_skip in (False, True):
        for rest_days in (*model.rest_days, 0) if may_skip else model.rest_days:
            found = _attempt(model, values, by_day, weights, rest_days=rest_days, may_skip=may_skip)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
        if best is not None:
            return _with_breaks(model, best[1], gain)
    return None


def _attempt(
    model: PersonModel,
    values: list[NDArray[np.float64]],
    by_day: list[NDArray[np.float64]],
    weights: ObjectiveWeights,
    *,
    rest_days: int,
    may_skip: bool,
) -> tuple[float, list[tuple[int, int, int]]] | None:
    """Value and ``(day, table index, start)`` of the shifts, days first, then starts."""
    norm = norm_values(model, weights)
    choice = choose_days(model, by_day, norm, rest_days=rest_days)
    if choice is None:
        return None
    stages = [_stage(model.tables[index], day, values[index], weights) for day, index in choice.days]
    starts = choose_starts(model, stages, may_skip=may_skip)
    if starts is None:
        return None
    picked = [
        (choice.days[stage][0], choice.days[stage][1], int(stages[stage].starts[start]))
        for stage, start in starts[1]
    ]
    paid = sum(model.tables[index].breaks.paid for _, index, _ in picked)
    return starts[0] + float(norm[paid // model.unit]), picked


def _stage(table: ShiftTable, day: int, values: NDArray[np.float64], weights: ObjectiveWeights) -> Stage:
    span = slice(int(table.first[day]), int(table.first[day + 1]))
    starts = table.starts[span]
    price = float(table.breaks.paid * (weights.norm + weights.norm_floor))
    return Stage(day, starts, starts + table.breaks.presence, values[span], price)


def _with_breaks(model: PersonModel, picked: list[tuple[int, int, int]], gain: NDArray[np.float64]) -> Month:
    """Place the breaks of the chosen shifts, all shifts of one length together."""
    pauses: dict[int, tuple[PauseSpan, ...]] = {}
    for index in {index for _, index, _ in picked}:
        breaks = model.tables[index].breaks
        starts = np.array([start for _, table, start in picked if table == index], dtype=np.int64)
        placed = breaks.place(breaks.windows(gain, starts))
        pauses.update(zip(starts.tolist(), placed, strict=True))
    shifts = tuple((day, index, start, pauses[start]) for day, index, start in picked)
    return Month(
        shifts, work_slots(model, shifts), sum(model.tables[index].breaks.paid for _, index, _ in picked)
    )


def work_slots(
    model: PersonModel, shifts: tuple[tuple[int, int, int, tuple[PauseSpan, ...]], ...]
) -> NDArray[np.int64]:
    parts = [start + model.tables[index].breaks.work_offsets(pauses) for _, index, start, pauses in shifts]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def as_shifts(model: PersonModel, month: Month) -> list[Shift]:
    """Shifts with leaf activities, as the solution and the checkers see them."""
    shifts = []
    for day, index, start, pauses in month.shifts:
        breaks = model.tables[index].breaks
        end, at, leaves = start + breaks.presence, start, []
        for offset, length, is_lunch in pauses:
            kind = ActivityKind.LUNCH if is_lunch else ActivityKind.BREAK
            leaves.append(Activity(ActivityKind.WORK, at, start + offset))
            leaves.append(Activity(kind, start + offset, start + offset + length))
            at = start + offset + length
        leaves.append(Activity(ActivityKind.WORK, at, end))
        shifts.append(Shift(model.worker.worker_id, day, start, end, breaks.paid, tuple(leaves)))
    return shifts
