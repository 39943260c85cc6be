"""When made-up people are away: annual leave in its season, long sickness, training."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LONG_LEAVE = (0.16, 14)  # share of people, days: about 28 days a year, one part of 14 as art. 125 asks
SHORT_LEAVE = (0.10, 7)
SICKNESS = (0.020, 10)  # known a month ahead, so a long one
TRAINING = (0.030, 2)
UNPAID = (0.010, 3)
BEFORE, AFTER = 13, 30  # days around the month in which an absence may begin


@dataclass(frozen=True)
class AbsencePlan:
    """Whole days away, both included; `kind` is the code of an absence kind."""

    kind: str
    first: dt.date
    last: dt.date

    def covers(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


def absences_of(rng: np.random.Generator, month: dt.date, *, is_minor: bool) -> tuple[AbsencePlan, ...]:
    """Draw a person's absences around the month that begins on `month`; no two share a day."""
    drawn: list[AbsencePlan] = []
    kinds = (("vacation", *LONG_LEAVE), ("vacation", *SHORT_LEAVE), ("sick", *SICKNESS))
    for kind, share, days in (*kinds, ("training", *TRAINING), ("unpaid", *UNPAID)):
        offset = int(rng.integers(-BEFORE, AFTER + 1))
        first = month + dt.timedelta(days=offset)
        plan = AbsencePlan(kind, first, first + dt.timedelta(days=days - 1))
        is_drawn = rng.random() < share and not (is_minor and kind == "training")
        if is_drawn and not any(plan.first <= other.last and other.first <= plan.last for other in drawn):
            drawn.append(plan)
    return tuple(sorted(drawn, key=lambda plan: plan.first))
