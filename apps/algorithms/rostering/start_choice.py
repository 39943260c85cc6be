"""When the chosen shifts of one person begin: an exact dynamic programme over daily and weekly rest.

Each shift is a stage with its admissible starts; the second state is whether the calendar week of the shift
already holds its uninterrupted rest. Where no chain of all shifts exists, shifts are left out at the price
of their norm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.person_model import PersonModel

__all__ = ["Stage", "choose_starts"]

NOTHING = -np.inf


@dataclass(frozen=True, slots=True)
class Stage:
    """One chosen shift: local day, admissible starts and ends, their values, the price of leaving it out."""

    day: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    values: NDArray[np.float64]
    skip_price: float


@dataclass(slots=True)
class _Reached:
    """Values by (start, week rested) with the stage and cell each came from."""

    stage: int
    week: int
    ends: NDArray[np.int64]
    values: NDArray[np.float64]
    came_from: NDArray[np.int64]


def _week_end_rested(reached: _Reached, model: PersonModel) -> NDArray[np.float64]:
    """Value by start if the person stays free to the end of the shift's week, which must hold its rest."""
    week_end = model.context.midnight(_monday(model, reached.week) + 7)
    rested = week_end - reached.ends >= model.limits.weekly_rest
    return np.where(rested, reached.values.max(axis=1), reached.values[:, 1])


def _monday(model: PersonModel, week: int) -> int:
    return week * 7 - model.context.first_weekday


def _first(model: PersonModel) -> _Reached:
    tail = model.tail
    values = np.array([[NOTHING, 0.0]]) if tail.week_rested else np.array([[0.0, NOTHING]])
    return _Reached(-1, tail.last_week, np.array([tail.last_end]), values, np.zeros((1, 2), dtype=np.int64))


def _link(
    earlier: _Reached, stage: Stage, week: int, model: PersonModel
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Best value before each start of ``stage`` by week flag, shape (n, 2), with its origin."""
    rest = model.limits.weekly_rest
    gap = stage.starts[None, :] - earlier.ends[:, None]
    apart = gap >= model.limits.min_gap
    if earlier.week == week:
        rested = gap >= rest
        unrested_from = np.where(apart & ~rested, earlier.values[:, :1], NOTHING)
        stays = np.where(apart, earlier.values[:, 1:], NOTHING)
        becomes = np.where(apart & rested, earlier.values[:, :1], NOTHING)
        rested_from, flag = np.maximum(stays, becomes), (becomes > stays).astype(np.int64)
        flag = 1 - flag
        unrested_flag = np.zeros_like(flag)
    else:
        monday = model.context.midnight(_monday(model, week))
        rested = stage.starts[None, :] - np.maximum(earlier.ends[:, None], monday) >= rest
        week_end = model.context.midnight(_monday(model, earlier.week) + 7)
        closing = week_end - earlier.ends >= rest
        carry = _week_end_rested(earlier, model)
        from_flag = np.where(closing & (earlier.values[:, 0] > earlier.values[:, 1]), 0, 1)
        unrested_from = np.where(apart & ~rested, carry[:, None], NOTHING)
        rested_from = np.where(apart & rested, carry[:, None], NOTHING)
        flag = np.broadcast_to(from_flag[:, None], gap.shape)
        unrested_flag = flag
    best = np.stack([unrested_from.argmax(axis=0), rested_from.argmax(axis=0)], axis=1)
    columns = np.arange(len(stage.starts))
    values = np.stack([unrested_from[best[:, 0], columns], rested_from[best[:, 1], columns]], axis=1)
    cells = np.stack(
        [best[:, 0] * 2 + unrested_flag[best[:, 0], columns], best[:, 1] * 2 + flag[best[:, 1], columns]],
        axis=1,
    )
    return values, cells


def choose_starts(
    model: PersonModel, stages: list[Stage], *, may_skip: bool
) -> tuple[float, tuple[tuple[int, int], ...]] | None:
    """Choose a start for each stage, or leave stages out where ``may_skip``.

    Returns
    -------
    (value, ((stage, start index), ...)) or None
        None where the rules leave no chain.

    """
    weeks = [int(model.weeks[stage.day]) for stage in stages]
    skipped = np.concatenate([[0.0], np.cumsum([stage.skip_price for stage in stages])])
    reached = [_first(model)]
    for index, stage in enumerate(stages):
        sources = reached if may_skip else reached[-1:]
        values = np.full((len(stage.starts), 2), NOTHING)
        cells = np.zeros((len(stage.starts), 2), dtype=np.int64)
        for source in sources:
            linked, cell = _link(source, stage, weeks[index], model)
            linked = linked - (skipped[index] - skipped[source.stage + 1])
            better = linked > values
            values = np.where(better, linked, values)
            cells = np.where(better, cell * (len(stages) + 1) + source.stage + 1, cells)
        values = values + stage.values[:, None]
        reached.append(_Reached(index, weeks[index], stage.ends, values, cells))
        if not may_skip and values.max() == NOTHING:
            return None
    return _trace(model, reached, skipped, may_skip=may_skip)


def _trace(
    model: PersonModel, reached: list[_Reached], skipped: NDArray[np.float64], *, may_skip: bool
) -> tuple[float, tuple[tuple[int, int], ...]] | None:
    last: tuple[float, int, int, int] | None = None
    for node in reached if may_skip else reached[-1:]:
        ending = _week_end_rested(node, model)
        start = int(ending.argmax())
        value = float(ending[start]) - float(skipped[-1] - skipped[node.stage + 1])
        if value > NOTHING and (last is None or value > last[0]):
            last = (value, node.stage, start, _flag(node, model, start))
    if last is None:
        return None
    value, stage, start, flag = last
    chosen = []
    while stage >= 0:
        chosen.append((stage, start))
        cell, source = divmod(int(reached[stage + 1].came_from[start, flag]), len(reached))
        stage, (start, flag) = source - 1, divmod(cell, 2)
    return value, tuple(reversed(chosen))


def _flag(node: _Reached, model: PersonModel, start: int) -> int:
    """Week flag behind the best ending of ``start``."""
    week_end = model.context.midnight(_monday(model, node.week) + 7)
    if (
        week_end - node.ends[start] >= model.limits.weekly_rest
        and node.values[start, 0] > node.values[start, 1]
    ):
        return 0
    return 1
