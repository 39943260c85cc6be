from __future__ import annotations

from typing import get_args

from apps.algorithms.rostering.solution import ConflictReason, ShortageKey
from apps.schedules.selectors.reasons import CONFLICTS, SHORTAGES


def test_every_reason_of_the_optimiser_has_words() -> None:
    assert set(CONFLICTS) == set(get_args(ConflictReason))
    assert set(SHORTAGES) == set(get_args(ShortageKey))
