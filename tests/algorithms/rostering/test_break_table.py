from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.algorithms.rostering.break_table import break_table
from apps.algorithms.rostering.problem import BreakRule
from apps.algorithms.rostering.rules.base import Limits
from apps.algorithms.rostering.shifts import Activity, ActivityKind
from tests.algorithms.rostering.rosters import placements


def admissible(leaves: tuple[Activity, ...], rule: BreakRule) -> bool:
    lunch_ok = all(
        rule.lunch_earliest <= leaf.start <= rule.lunch_latest
        for leaf in leaves
        if leaf.kind is ActivityKind.LUNCH
    )
    runs = [leaf.length for leaf in leaves if leaf.kind is ActivityKind.WORK]
    return lunch_ok and all(rule.min_continuous <= run <= rule.max_continuous for run in runs)


@given(
    paid=st.integers(3, 9),
    lunch=st.integers(0, 2),
    window=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    pauses=st.tuples(st.integers(0, 2), st.integers(1, 2)),
    runs=st.tuples(st.integers(1, 3), st.integers(0, 4)),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=150)
def test_least_loss_equals_trying_every_placement(
    paid: int,
    lunch: int,
    window: tuple[int, int],
    pauses: tuple[int, int],
    runs: tuple[int, int],
    seed: int,
) -> None:
    rule = BreakRule(1, 99, lunch, window[0], sum(window), *pauses, runs[0], sum(runs))
    gain = np.random.default_rng(seed).integers(-3, 8, (paid + lunch, 4)).astype(float)
    ways = [leaves for leaves in placements(0, paid, rule) if admissible(leaves, rule)]
    table = break_table(rule, paid, Limits())
    assert (table is None) == (not ways)
    if table is None:
        return
    losses = [
        sum(gain[leaf.start : leaf.end].sum(axis=0) for leaf in leaves if leaf.kind is not ActivityKind.WORK)
        for leaves in ways
    ]
    least = np.min(
        np.broadcast_to(np.array(losses), (len(ways), 4)) if pauses[0] or lunch else [[0.0] * 4], axis=0
    )
    np.testing.assert_allclose(table.least_loss(gain), least)
    for column, spans in enumerate(table.place(gain)):
        assert sum(gain[at : at + length, column].sum() for at, length, _ in spans) == least[column]
        assert sum(is_lunch for *_, is_lunch in spans) == bool(lunch)


def test_law_forbids_a_long_shift_without_lunch() -> None:
    assert break_table(None, 5, Limits(lunch_over=4)) is None
    assert break_table(None, 4, Limits(lunch_over=4)) is not None


def test_law_shortens_the_run_of_work() -> None:
    rule = BreakRule(1, 99, 1, 2, 6, 0, 0, 1, 8)
    assert break_table(rule, 8, Limits(max_continuous=3)) is None
    table = break_table(rule, 6, Limits(max_continuous=3))
    assert table is not None
    assert table.place(np.ones((7, 1))) == [((3, 1, True),)]


@pytest.mark.parametrize(("lunch", "known"), [(1, False), (2, True), (3, False)])
def test_law_bounds_the_lunch(lunch: int, *, known: bool) -> None:
    rule = BreakRule(1, 99, lunch, 2, 6, 0, 0, 1, 8)
    assert (break_table(rule, 6, Limits(lunch_min=2, lunch_max=2)) is not None) == known
