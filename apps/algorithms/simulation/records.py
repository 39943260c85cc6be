"""What happened, as growing tables of numbers that are read as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.algorithms.intervals import FloatArray, IntArray

FIRST_ROWS = 1024
NOBODY = -1


class Outcome(IntEnum):
    TREATED = 0
    MISSED = 1
    CLOSED_BY_BOT = 2


class Table:
    """Rows of equally many numbers: cheap to append, read as one array (rows, width)."""

    def __init__(self, width: int) -> None:
        self._rows = np.empty((FIRST_ROWS, width))
        self._count = 0
        self._fresh: list[tuple[float, ...]] = []
        self.append = self._fresh.append

    def rows(self) -> FloatArray:
        if self._fresh:
            count = self._count + len(self._fresh)
            if count > len(self._rows):
                larger = np.empty((max(count, 2 * len(self._rows)), self._rows.shape[1]))
                larger[: self._count] = self._rows[: self._count]
                self._rows = larger
            self._rows[self._count : count] = self._fresh
            self._count = count
            self._fresh.clear()
        return self._rows[: self._count]

    def rows_and(self, more: Sequence[tuple[float, ...]]) -> FloatArray:
        """Give the rows with some behind them that are not kept."""
        return np.concatenate((self.rows(), more)) if more else self.rows()


@dataclass(frozen=True)
class ContactTable:
    """Contacts, a row each.

    Attributes
    ----------
    group, agent, customer
        Places in the lists of plans (agent -1: nobody answered); customers are numbered within their group.
    arrived_s, answered_s, ended_s
        `answered_s` is NaN of who was not answered, `ended_s` the end of talk or the hang-up.
    ring_s, talk_s, hold_s, wrap_up_s, relax_s
        What it took of the agent, 0 where nobody answered.
    outcome
        `Outcome`.

    """

    group: IntArray
    agent: IntArray
    customer: IntArray
    arrived_s: FloatArray
    ended_s: FloatArray
    answered_s: FloatArray
    ring_s: FloatArray
    talk_s: FloatArray
    hold_s: FloatArray
    wrap_up_s: FloatArray
    relax_s: FloatArray
    outcome: IntArray

    WIDTH: ClassVar[int] = 12

    @classmethod
    def of(cls, rows: FloatArray) -> ContactTable:
        group, agent, customer, outcome = (rows[:, column].astype(np.int64) for column in (0, 1, 2, 11))
        arrived, ended, answered, *times = (rows[:, column] for column in range(3, 11))
        ring, talk, hold, wrap_up, relax = times
        return cls(
            group, agent, customer, arrived, ended, answered, ring, talk, hold, wrap_up, relax, outcome
        )


@dataclass(frozen=True)
class StateTable:
    """States of agents, a row each.

    `state` is a place in `Presence.states`; `group` is that of the contact in talk and wrap-up, else -1; an
    open end is infinite.
    """

    agent: IntArray
    state: IntArray
    group: IntArray
    start_s: FloatArray
    end_s: FloatArray

    WIDTH: ClassVar[int] = 5

    @classmethod
    def of(cls, rows: FloatArray) -> StateTable:
        agent, state, group = (rows[:, column].astype(np.int64) for column in (0, 1, 2))
        return cls(agent, state, group, rows[:, 3], rows[:, 4])


@dataclass(frozen=True)
class LoginTable:
    """Presence of agents, a row from sign-in to sign-out each; an open end is infinite."""

    agent: IntArray
    login_s: FloatArray
    logout_s: FloatArray

    WIDTH: ClassVar[int] = 3

    @classmethod
    def of(cls, rows: FloatArray) -> LoginTable:
        return cls(rows[:, 0].astype(np.int64), rows[:, 1], rows[:, 2])
