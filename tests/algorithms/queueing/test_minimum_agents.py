from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from apps.algorithms.queueing import (
    QueueingError,
    ServiceLevelDefinition,
    ServiceTarget,
    erlang_a,
    erlang_c,
    minimum_agents,
)
from tests.algorithms.queueing.reference import brute_force_minimum_c, state_sum_erlang_a

LOADS = st.floats(0.01, 300)
HANDLE_S = st.floats(20, 900)
PATIENCE_S = st.floats(10, 2000)
SHARES = st.floats(0.05, 0.99)
THRESHOLDS = st.floats(0, 120)


@pytest.mark.parametrize(
    ("service_level", "threshold_s"), [("0.8", 20), ("0.95", 10), ("0.5", 60), ("0.9", 0)]
)
def test_erlang_c_head_counts_equal_exact_arithmetic(service_level: str, threshold_s: float) -> None:
    rng = np.random.default_rng(7)
    load = np.concatenate((rng.uniform(0.02, 5, 40), rng.uniform(5, 60, 25), rng.uniform(60, 220, 10)))
    target = ServiceTarget(service_level=float(service_level), threshold_s=threshold_s)
    expected = [brute_force_minimum_c(one, 184.0, service_level, threshold_s) for one in load]
    np.testing.assert_array_equal(minimum_agents(load, aht_s=184.0, target=target), expected)


def test_erlang_a_head_counts_equal_a_scan_over_states() -> None:
    rng = np.random.default_rng(8)
    load = np.concatenate((rng.uniform(0.02, 5, 30), rng.uniform(5, 80, 20)))
    found = minimum_agents(
        load, aht_s=184, target=ServiceTarget(service_level=0.8, threshold_s=20), patience_s=240
    )
    for one, agents in zip(load, found, strict=True):
        scanned = 1
        while _answered_in_time(scanned, one) < 0.8:
            scanned += 1
        assert agents == scanned


def _answered_in_time(agents: int, load: float) -> float:
    return state_sum_erlang_a(agents, load, aht_s=184, threshold_s=20, patience_s=240).answered_in_time


@settings(max_examples=60, deadline=None)
@given(load=LOADS, aht_s=HANDLE_S, share=SHARES, threshold_s=THRESHOLDS)
def test_one_agent_less_misses_an_erlang_c_target(
    load: float, aht_s: float, share: float, threshold_s: float
) -> None:
    target = ServiceTarget(service_level=share, threshold_s=threshold_s, asa_s=30.0, max_occupancy=0.9)
    agents = int(minimum_agents(load, aht_s=aht_s, target=target))
    assert agents > load
    assert target.met_by(erlang_c(agents, load, aht_s=aht_s, threshold_s=threshold_s))
    assert not target.met_by(erlang_c(agents - 1, load, aht_s=aht_s, threshold_s=threshold_s))


@settings(max_examples=60, deadline=None)
@given(
    load=LOADS,
    aht_s=HANDLE_S,
    patience_s=PATIENCE_S,
    share=SHARES,
    threshold_s=THRESHOLDS,
    definition=st.sampled_from(ServiceLevelDefinition),
)
def test_one_agent_less_misses_an_erlang_a_target(
    load: float,
    aht_s: float,
    patience_s: float,
    share: float,
    threshold_s: float,
    definition: ServiceLevelDefinition,
) -> None:
    target = ServiceTarget(
        service_level=share, threshold_s=threshold_s, max_abandonment=0.4, definition=definition
    )
    terms: dict[str, Any] = {"aht_s": aht_s, "threshold_s": threshold_s, "patience_s": patience_s}
    terms["definition"] = definition
    agents = int(minimum_agents(load, aht_s=aht_s, target=target, patience_s=patience_s))
    assert target.met_by(erlang_a(agents, load, **terms))
    assert agents == 1 or not target.met_by(erlang_a(agents - 1, load, **terms))


@settings(max_examples=60, deadline=None)
@given(load=LOADS, more=st.floats(0, 50), patience_s=st.one_of(st.none(), PATIENCE_S), share=SHARES)
def test_more_load_never_needs_fewer_agents(
    load: float, more: float, patience_s: float | None, share: float
) -> None:
    target = ServiceTarget(service_level=share)
    few, many = minimum_agents([load, load + more], aht_s=200, target=target, patience_s=patience_s)
    assert few <= many


def test_a_decimal_occupancy_target_is_not_split_by_binary_rounding() -> None:
    target = ServiceTarget(max_occupancy=0.85)
    np.testing.assert_array_equal(minimum_agents([8.5, 17.0, 8.51], aht_s=60, target=target), [10, 20, 11])


def test_targets_patience_and_handle_times_may_differ_by_interval() -> None:
    target = ServiceTarget(service_level=[0.8, 0.95, 0.8, 0.8], threshold_s=[20, 20, 60, 20])
    mixed = minimum_agents(
        [50.0, 50.0, 50.0, 0.0],
        aht_s=[180, 180, 240, np.nan],
        target=target,
        patience_s=[np.inf, 300, 120, 60],
    )
    singles = [
        minimum_agents(50.0, aht_s=180, target=ServiceTarget(service_level=0.8)),
        minimum_agents(50.0, aht_s=180, target=ServiceTarget(service_level=0.95), patience_s=300),
        minimum_agents(50.0, aht_s=240, target=ServiceTarget(0.8, threshold_s=60), patience_s=120),
        0,
    ]
    np.testing.assert_array_equal(mixed, singles)


def test_ten_thousand_erlang_need_slightly_more_agents_than_the_load() -> None:
    target = ServiceTarget(service_level=0.8)
    agents = int(minimum_agents(10_000.0, aht_s=180, target=target))
    assert agents == brute_force_minimum_c(10_000.0, 180.0, "0.8", 20)


def test_a_loaded_interval_keeps_at_least_one_agent() -> None:
    target = ServiceTarget(max_abandonment=0.99)
    assert minimum_agents(0.001, aht_s=60, target=target, patience_s=60) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "at least one target"),
        ({"service_level": 1.0}, "service_level"),
        ({"service_level": 80}, "service_level"),
        ({"asa_s": 0}, "asa_s"),
        ({"max_occupancy": [0.8, 1.2]}, r"max_occupancy\[1\]"),
        ({"max_abandonment": 0}, "max_abandonment"),
        ({"service_level": 0.8, "threshold_s": -1}, "threshold_s"),
    ],
)
def test_an_impossible_target_is_refused_by_name(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(QueueingError, match=words):
        ServiceTarget(**fields)


def test_abandonment_target_needs_patience() -> None:
    with pytest.raises(QueueingError, match="patience"):
        minimum_agents(5.0, aht_s=60, target=ServiceTarget(max_abandonment=0.05))


@pytest.mark.parametrize(
    ("load", "aht_s", "patience_s", "words"),
    [
        ([1.0, -2.0], 60, None, r"load_erl\[1\]"),
        (float("nan"), 60, None, "load_erl"),
        (1.0, 0, None, "aht_s"),
        (1.0, 60, 0, "patience_s"),
        (1.0, 60, float("nan"), "patience_s"),
    ],
)
def test_bad_arguments_are_refused_by_name(
    load: ArrayLike, aht_s: float, patience_s: float | None, words: str
) -> None:
    with pytest.raises(QueueingError, match=words):
        minimum_agents(load, aht_s=aht_s, target=ServiceTarget(service_level=0.8), patience_s=patience_s)
