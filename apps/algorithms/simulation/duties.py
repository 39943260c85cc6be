"""What people make of a schedule: late, early, long breaks, absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.simulation.types import WORK, Duty

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.algorithms.simulation.types import Deviations


def follow_schedule(
    planned: Sequence[Duty], deviations: Deviations, *, seed: int, agent: int
) -> tuple[Duty, ...]:
    """Return the duties as they come true; what becomes of a shift follows from seed, agent and its start."""
    kept: list[Duty] = []
    for shift in shifts_of(planned):
        rng = np.random.default_rng([seed, agent, max(int(shift[0].start_s), 0)])
        kept += _follow_shift(shift, deviations, rng)
    return tuple(kept)


def shifts_of(planned: Sequence[Duty]) -> Iterator[list[Duty]]:
    """Yield runs of duties without a gap between them."""
    shift: list[Duty] = []
    for duty in planned:
        if shift and duty.start_s > shift[-1].end_s:
            yield shift
            shift = []
        shift.append(duty)
    if shift:
        yield shift


def _follow_shift(shift: list[Duty], deviations: Deviations, rng: np.random.Generator) -> list[Duty]:
    is_absent, is_late, is_early = rng.random(3) < (
        deviations.absent_share,
        deviations.late_share,
        deviations.early_share,
    )
    late_s, early_s = rng.exponential((deviations.late_s, deviations.early_s))
    if is_absent:
        return []
    begins = shift[0].start_s + (round(late_s) if is_late else 0)
    ends = shift[-1].end_s - (round(early_s) if is_early else 0)
    kept: list[Duty] = []
    free_from = begins
    for duty in shift:
        longer = rng.random() < deviations.long_break_share and duty.kind != WORK
        over_s = round(rng.exponential(deviations.long_break_s)) if longer else 0
        start, end = max(duty.start_s, free_from), min(max(duty.end_s, free_from) + over_s, ends)
        if end > start:
            kept.append(Duty(start, end, duty.kind))
            free_from = end
    return kept


def duty_changes(duties: Sequence[Sequence[Duty]], start_s: float) -> list[tuple[float, int, str | None]]:
    """Return when which agent's duty becomes what (None: gone), in order of time, from `start_s` on."""
    changes: list[tuple[float, int, str | None]] = []
    for agent, own in enumerate(duties):
        coming = [duty for duty in own if duty.end_s > start_s]
        for number, duty in enumerate(coming):
            changes.append((max(duty.start_s, start_s), agent, duty.kind))
            if number + 1 == len(coming) or coming[number + 1].start_s > duty.end_s:
                changes.append((duty.end_s, agent, None))
    changes.sort(key=lambda change: change[0])
    return changes
