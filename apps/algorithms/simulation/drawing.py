"""Who comes, how long they wait and what they take: drawn for a whole day at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from apps.algorithms.intervals import DAY_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.intervals import FloatArray
    from apps.algorithms.simulation.types import GroupPlan, Handling, Patience


class Contact(NamedTuple):
    """A contact to come, with everything that chance decides of it."""

    arrives_s: float
    group: int
    customer: int
    patience_s: float
    talk_s: float
    hold_s: float
    wrap_up_s: float
    is_transferred: bool
    is_closed_by_bot: bool


def draw_day(groups: Sequence[GroupPlan], day: int, seed: int) -> list[Contact]:
    """Draw the contacts of all groups on `day` (days since 1970, UTC), in order of arrival."""
    drawn = [_draw_group(group, number, day, seed) for number, group in enumerate(groups)]
    columns = [np.concatenate(parts) for parts in zip(*drawn, strict=True)] if drawn else []
    if not columns:
        return []
    order = np.argsort(columns[0], kind="stable")
    return list(map(Contact._make, zip(*(column[order].tolist() for column in columns), strict=True)))


def draw_contact(
    groups: Sequence[GroupPlan], number: int, customer: int, at_s: float, rng: np.random.Generator
) -> Contact:
    """Draw a contact that is handed on to group `number` at `at_s`; it is not handed on again."""
    group = groups[number]
    patience = float(_patience(rng, group.patience, 1)[0])
    talk, hold, wrap_up = (float(values[0]) for values in _times(rng, group.handling, 1))
    return Contact(at_s, number, customer, patience, talk, hold, wrap_up, False, False)


def _draw_group(group: GroupPlan, number: int, day: int, seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng([seed, number, day])
    step_s, start_s = group.arrivals.step_s, group.arrivals.start_s
    first = (day * DAY_S - start_s) // step_s
    rows = np.arange(max(first, 0), min(first + DAY_S // step_s, len(group.arrivals.expected)))
    counts = rng.poisson(group.arrivals.expected[rows])
    begins = np.repeat(start_s + rows * step_s, counts).astype(np.float64)
    size = begins.size
    arrives = begins + rng.random(size) * step_s
    customers = rng.integers(0, group.customers, size)
    patience = _patience(rng, group.patience, size)
    talk, hold, wrap_up = _times(rng, group.handling, size)
    is_transferred = rng.random(size) < (group.transfer_share if group.transfers else 0)
    is_closed_by_bot = rng.random(size) < group.bot_share
    numbers = np.full(size, number)
    return arrives, numbers, customers, patience, talk, hold, wrap_up, is_transferred, is_closed_by_bot


def _times(rng: np.random.Generator, handling: Handling, size: int) -> tuple[FloatArray, ...]:
    talk = _positive(rng, handling.talk_s, handling.spread, size)
    hold = np.where(rng.random(size) < handling.hold_share, handling.hold_s, 0.0)
    return talk, hold, _positive(rng, handling.wrap_up_s, handling.spread, size)


def _patience(rng: np.random.Generator, patience: Patience, size: int) -> FloatArray:
    if not np.isfinite(patience.mean_s):
        return np.full(size, np.inf)
    return _positive(rng, patience.mean_s, patience.spread, size)


def _positive(rng: np.random.Generator, mean: float, spread: float, size: int) -> FloatArray:
    if mean <= 0 or not spread:
        return rng.exponential(max(mean, 0), size)
    return rng.lognormal(np.log(mean) - spread**2 / 2, spread, size)
