"""Best lunch and breaks of many shifts of one length at once, by dynamic programming over the pauses.

A shift of presence ``T`` is a chain work, pause, work, ..., pause, work. ``A[j, f][t]`` is the least loss
with ``j`` breaks and ``f`` lunches taken when the last pause ended at offset ``t``; a next pause may begin
after any run of work of admissible length. The loss of a pause is what the slots it empties are worth.
Exact, and a superset of nothing: every admissible placement on the slot grid is a path, every path is
admissible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.algorithms.rostering.problem import BreakRule
    from apps.algorithms.rostering.rules.base import Limits

    Loss = NDArray[np.float64]

__all__ = ["BreakTable", "PauseSpan", "break_table"]

PauseSpan = tuple[int, int, bool]
"""Offset and length of a pause, and whether it is the lunch."""


@dataclass(frozen=True, slots=True)
class BreakTable:
    """Shape of the shifts of one paid length: breaks, lunch and runs of work, in slots."""

    paid: int
    lunch: int
    lunch_earliest: int
    lunch_latest: int
    pauses: int
    pause: int
    min_run: int
    max_run: int

    @property
    def presence(self) -> int:
        return self.paid + self.lunch

    @property
    def lunches(self) -> int:
        return 1 if self.lunch else 0

    def work_offsets(self, pauses: tuple[PauseSpan, ...]) -> NDArray[np.int64]:
        """Slots at work, counted from the start of the shift, in order."""
        at_work = np.ones(self.presence, dtype=bool)
        for offset, length, _ in pauses:
            at_work[offset : offset + length] = False
        return np.flatnonzero(at_work)

    def windows(self, gain: NDArray[np.float64], starts: NDArray[np.int64]) -> Loss:
        """Gains over each shift, shape (presence, n_starts)."""
        return np.asarray(gain[starts[None, :] + np.arange(self.presence)[:, None]])

    def least_loss(self, window: Loss) -> Loss:
        """Least loss of all admissible placements, shape (n_starts,); infinite where there is none."""
        if not self.pauses and not self.lunch:
            fits = self.min_run <= self.presence <= self.max_run
            return np.full(window.shape[1], 0.0 if fits else np.inf)
        states = self._forward(window)
        tail = self._tail(states)
        return np.full(window.shape[1], np.inf) if tail is None else tail[1].min(axis=0)

    def place(self, window: Loss) -> list[tuple[PauseSpan, ...]]:
        """Pauses of a best placement for each column of ``window``; every column must have one."""
        if not self.pauses and not self.lunch:
            return [()] * window.shape[1]
        states = self._forward(window)
        tail = self._tail(states)
        if tail is None:
            msg = f"no admissible breaks in a shift of {self.paid} paid slots"
            raise ValueError(msg)
        first, losses = tail
        ends = first + losses.argmin(axis=0)
        costs = self._costs(window)
        return [self._trace(states, costs, column, int(end)) for column, end in enumerate(ends)]

    def _costs(self, window: Loss) -> tuple[Loss, Loss]:
        """Loss of a break and of a lunch that begins at each offset."""
        total = np.vstack([np.zeros((1, window.shape[1])), np.cumsum(window, axis=0)])
        pause = total[self.pause :] - total[: -self.pause] if self.pause else total[:0]
        lunch = total[self.lunch :] - total[: -self.lunch] if self.lunch else total[:0]
        return pause, lunch

    def _forward(self, window: Loss) -> dict[tuple[int, int], tuple[int, Loss]]:
        """States: first offset and losses, shape (offsets, n_starts), by (breaks, lunches) taken."""
        pause_cost, lunch_cost = self._costs(window)
        states: dict[tuple[int, int], tuple[int, Loss]] = {(0, 0): (0, np.zeros((1, window.shape[1])))}
        for taken in range(self.pauses + 1):
            for lunched in range(self.lunches + 1):
                arrivals = []
                if taken and (taken - 1, lunched) in states:
                    reach = self._next_starts(*states[taken - 1, lunched])
                    arrivals.append(self._arrive(reach, pause_cost, self.pause, 0, self.presence))
                if lunched and (taken, 0) in states:
                    reach = self._next_starts(*states[taken, 0])
                    latest = self.lunch_latest
                    arrivals.append(self._arrive(reach, lunch_cost, self.lunch, self.lunch_earliest, latest))
                merged = _merge([arrival for arrival in arrivals if arrival is not None])
                if merged is not None:
                    states[taken, lunched] = merged
        return states

    def _next_starts(self, first: int, loss: Loss) -> tuple[int, Loss]:
        """Least loss by the offset at which the next pause begins: a sliding minimum over admissible runs."""
        width = self.max_run - self.min_run
        padding = np.full((width, loss.shape[1]), np.inf)
        padded = np.concatenate([padding, loss, padding])
        done = 1
        while done < width + 1:
            step = min(done, width + 1 - done)
            padded = np.minimum(padded[:-step], padded[step:])
            done += step
        return first + self.min_run, padded

    def _arrive(
        self, reach: tuple[int, Loss], cost: Loss, length: int, earliest: int, latest: int
    ) -> tuple[int, Loss] | None:
        """States after a pause of ``length`` that begins within ``[earliest, latest]`` and leaves a run."""
        first, loss = reach
        low = max(first, earliest)
        high = min(first + loss.shape[0] - 1, latest, self.presence - length - self.min_run)
        if low > high:
            return None
        return low + length, loss[low - first : high - first + 1] + cost[low : high + 1]

    def _tail(self, states: dict[tuple[int, int], tuple[int, Loss]]) -> tuple[int, Loss] | None:
        """Complete states from which the last run of work is admissible."""
        if (self.pauses, self.lunches) not in states:
            return None
        first, loss = states[self.pauses, self.lunches]
        low = max(first, self.presence - self.max_run)
        high = min(first + loss.shape[0] - 1, self.presence - self.min_run)
        return None if low > high else (low, loss[low - first : high - first + 1])

    def _trace(
        self,
        states: dict[tuple[int, int], tuple[int, Loss]],
        costs: tuple[Loss, Loss],
        column: int,
        end: int,
    ) -> tuple[PauseSpan, ...]:
        """Walk back from the end of the last pause to the start of the shift."""
        taken, lunched, found = self.pauses, self.lunches, []
        while taken or lunched:
            options = []
            if taken and (taken - 1, lunched) in states:
                options.append((taken - 1, lunched, self.pause, costs[0], False))
            if lunched and (taken, 0) in states:
                options.append((taken, 0, self.lunch, costs[1], True))
            best: tuple[float, int, int, int, int, bool] | None = None
            for before, lunched_before, length, cost, is_lunch in options:
                start = end - length
                if is_lunch and not self.lunch_earliest <= start <= self.lunch_latest:
                    continue
                first, loss = states[before, lunched_before]
                low, high = max(first, start - self.max_run), min(first + len(loss) - 1, start - self.min_run)
                if low > high:
                    continue
                run = loss[low - first : high - first + 1, column]
                value = float(run.min() + cost[start, column])
                if best is None or value < best[0]:
                    best = (value, before, lunched_before, low + int(run.argmin()), start, is_lunch)
            if best is None:
                raise AssertionError("break table: a complete state has no predecessor")
            _, taken, lunched, previous_end, start, is_lunch = best
            found.append((start, end - start, is_lunch))
            end = previous_end
        return tuple(reversed(found))


def _merge(arrivals: list[tuple[int, Loss]]) -> tuple[int, Loss] | None:
    """Least loss of two ways into the same state, over the union of their offsets."""
    if not arrivals:
        return None
    if len(arrivals) == 1:
        return arrivals[0]
    first = min(low for low, _ in arrivals)
    last = max(low + loss.shape[0] for low, loss in arrivals)
    merged = np.full((last - first, arrivals[0][1].shape[1]), np.inf)
    for low, loss in arrivals:
        rows = slice(low - first, low - first + loss.shape[0])
        np.minimum(merged[rows], loss, out=merged[rows])
    return first, merged


def break_table(rule: BreakRule | None, paid: int, limits: Limits) -> BreakTable | None:
    """Table for ``paid`` slots under a contract's break rule and the law; None where they leave no placement.

    Without a break rule the shift is one run of work, which the law allows only while it is short.
    """
    lunch = rule.lunch if rule else 0
    if limits.lunch_over is not None and not lunch and paid > limits.lunch_over:
        return None
    if lunch and not limits.lunch_min <= lunch <= (limits.lunch_max or lunch):
        return None
    longest = rule.max_continuous if rule else paid
    if limits.max_continuous is not None:
        longest = min(longest, limits.max_continuous)
    table = BreakTable(
        paid=paid,
        lunch=lunch,
        lunch_earliest=rule.lunch_earliest if rule else 0,
        lunch_latest=rule.lunch_latest if rule else 0,
        pauses=rule.pauses if rule else 0,
        pause=rule.pause if rule else 0,
        min_run=rule.min_continuous if rule else 1,
        max_run=longest,
    )
    if table.max_run < table.min_run:
        return None
    probe = table.least_loss(np.zeros((table.presence, 1)))
    return table if np.isfinite(probe[0]) else None
