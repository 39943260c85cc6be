from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.algorithms.queueing import QueueingError, ServiceLevelDefinition, erlang_a, erlang_b, erlang_c
from tests.algorithms.queueing.reference import (
    decimal_asa_s,
    decimal_erlang_c,
    decimal_service_level,
    state_sum_erlang_a,
)

LOADS = st.floats(0.01, 2000)
EXTRA = st.integers(0, 60)
THRESHOLDS = st.floats(0, 300)
PATIENCE_S = st.floats(1, 5000)
DEFINITIONS = st.sampled_from(ServiceLevelDefinition)


@pytest.mark.parametrize(
    ("agents", "load"),
    [
        (1, 0.001),
        (1, 0.999),
        (14, 10),
        (132, 123),
        (300, 50),
        (1000, 999.5),
        (10_000, 9_900),
        (20_000, 19_000.25),
    ],
)
def test_erlang_c_equals_exact_decimals(agents: int, load: float) -> None:
    result = erlang_c(agents, load, aht_s=180, threshold_s=20)
    exact = Decimal(load)
    assert float(result.p_wait) == pytest.approx(float(decimal_erlang_c(agents, exact)), rel=1e-11)
    expected_asa_s = decimal_asa_s(agents, exact, Decimal(180))
    assert float(result.asa_s) == pytest.approx(float(expected_asa_s), rel=1e-11)
    expected = decimal_service_level(agents, exact, Decimal(180), Decimal(20))
    assert float(result.service_level) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("patience_s", [5, 60, 300, 5000])
@pytest.mark.parametrize("agents", [1, 3, 10, 50, 200, 1000])
@pytest.mark.parametrize("pressure", [0.3, 0.9, 1.0, 1.1, 3.0])
def test_erlang_a_equals_the_sum_over_states(agents: int, pressure: float, patience_s: float) -> None:
    load = agents * pressure
    terms: dict[str, Any] = {"aht_s": 180, "threshold_s": 20, "patience_s": patience_s}
    expected = state_sum_erlang_a(agents, load, **terms)
    result = erlang_a(agents, load, **terms)
    assert float(result.p_wait) == pytest.approx(expected.p_wait, abs=1e-10)
    assert float(result.p_abandon) == pytest.approx(expected.p_abandon, abs=1e-10)
    assert float(result.asa_s) == pytest.approx(expected.mean_wait_s, rel=1e-8, abs=1e-9)
    assert float(result.service_level) == pytest.approx(expected.answered_in_time, abs=1e-10)
    waited = erlang_a(agents, load, **terms, definition=ServiceLevelDefinition.WAITED)
    assert float(waited.service_level) == pytest.approx(expected.waited_in_time, abs=1e-10)


@pytest.mark.parametrize(("agents", "load"), [(200, 190), (10_000, 9_900), (200, 40)])
def test_endless_patience_is_erlang_c(agents: float, load: float) -> None:
    patient = erlang_c(agents, load, aht_s=180, threshold_s=20)
    almost = erlang_a(agents, load, aht_s=180, threshold_s=20, patience_s=1e9)
    infinite = erlang_a(agents, load, aht_s=180, threshold_s=20, patience_s=np.inf)
    for name in ("p_wait", "service_level", "asa_s", "occupancy"):
        assert float(getattr(infinite, name)) == float(getattr(patient, name))
        assert float(getattr(almost, name)) == pytest.approx(float(getattr(patient, name)), rel=1e-5)


@settings(max_examples=150, deadline=None)
@given(
    load=LOADS,
    offset=st.integers(-40, 60),
    threshold_s=THRESHOLDS,
    patience_s=PATIENCE_S,
    definition=DEFINITIONS,
)
def test_one_more_agent_never_worsens_erlang_a(
    load: float, offset: int, threshold_s: float, patience_s: float, definition: ServiceLevelDefinition
) -> None:
    agents = max(int(load) + offset, 0)
    result = erlang_a(
        [agents, agents + 1],
        load,
        aht_s=180,
        threshold_s=threshold_s,
        patience_s=patience_s,
        definition=definition,
    )
    assert result.service_level[1] >= result.service_level[0] - 1e-11
    assert result.p_wait[1] <= result.p_wait[0] + 1e-11
    assert result.p_abandon[1] <= result.p_abandon[0] + 1e-11
    assert result.asa_s[1] <= result.asa_s[0] + 1e-9 * patience_s
    for share in (result.service_level, result.p_wait, result.p_abandon, result.occupancy):
        assert ((share >= 0) & (share <= 1)).all()


@settings(max_examples=100, deadline=None)
@given(load=LOADS, extra=EXTRA, threshold_s=THRESHOLDS)
def test_one_more_agent_never_worsens_erlang_c(load: float, extra: int, threshold_s: float) -> None:
    agents = int(load) + extra
    result = erlang_c([agents, agents + 1], load, aht_s=180, threshold_s=threshold_s)
    assert result.service_level[1] >= result.service_level[0]
    assert result.p_wait[1] <= result.p_wait[0]
    assert result.asa_s[1] <= result.asa_s[0]
    assert result.occupancy[1] <= result.occupancy[0]


@settings(max_examples=100, deadline=None)
@given(agents=st.integers(1, 500), load=LOADS, patience_s=PATIENCE_S)
def test_calls_are_conserved(agents: int, load: float, patience_s: float) -> None:
    """Agents handle exactly the calls that do not hang up (Little's law on the agents)."""
    result = erlang_a(agents, load, aht_s=180, threshold_s=20, patience_s=patience_s)
    handled = float(result.occupancy) * agents
    assert handled == pytest.approx(load * (1 - float(result.p_abandon)), rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(load=LOADS, agents=st.floats(0, 2000), patience_s=PATIENCE_S)
def test_fractional_agents_lie_between_their_neighbours(
    load: float, agents: float, patience_s: float
) -> None:
    below = np.floor(agents)
    result = erlang_a([below, agents, below + 1], load, aht_s=180, threshold_s=20, patience_s=patience_s)
    assert result.service_level[0] - 1e-9 <= result.service_level[1] <= result.service_level[2] + 1e-9


def test_definitions_of_service_level_are_ordered() -> None:
    levels = {
        definition: float(
            erlang_a(13, 10, aht_s=180, threshold_s=20, patience_s=60, definition=definition).service_level
        )
        for definition in ServiceLevelDefinition
    }
    assert (
        levels[ServiceLevelDefinition.OFFERED]
        < levels[ServiceLevelDefinition.LONG_ABANDONED]
        < levels[ServiceLevelDefinition.WAITED]
        < 1
    )
    assert levels[ServiceLevelDefinition.OFFERED] < levels[ServiceLevelDefinition.ANSWERED] < 1


def test_without_calls_nobody_waits() -> None:
    for result in (
        erlang_c([0, 5], 0, aht_s=180, threshold_s=20),
        erlang_a([0, 5], 0, aht_s=180, threshold_s=20, patience_s=60),
    ):
        np.testing.assert_array_equal(result.service_level, [1, 1])
        np.testing.assert_array_equal(result.asa_s, [0, 0])
        np.testing.assert_array_equal(result.p_wait, [0, 0])
        np.testing.assert_array_equal(result.occupancy, [0, 0])


def test_without_agents_everyone_hangs_up() -> None:
    result = erlang_a(0, 5, aht_s=180, threshold_s=20, patience_s=60)
    assert (float(result.p_abandon), float(result.asa_s), float(result.service_level)) == (1, 60, 0)
    waited = erlang_a(
        0, 5, aht_s=180, threshold_s=20, patience_s=60, definition=ServiceLevelDefinition.WAITED
    )
    assert float(waited.service_level) == pytest.approx(1 - np.exp(-20 / 60))


@pytest.mark.parametrize("agents", [0, 9, 10])
def test_an_understaffed_erlang_c_queue_has_no_service(agents: float) -> None:
    result = erlang_c(agents, 10, aht_s=180, threshold_s=20)
    assert (float(result.service_level), float(result.p_wait), float(result.occupancy)) == (0, 1, 1)
    assert np.isinf(result.asa_s)


@pytest.mark.parametrize(
    ("agents", "load", "patience_s"), [(1000, 5000, 1e4), (10, 1e5, 1e5), (0.5, 1000, 30)]
)
def test_deep_overload_loses_the_calls_over_capacity(agents: float, load: float, patience_s: float) -> None:
    result = erlang_a(agents, load, aht_s=180, threshold_s=20, patience_s=patience_s)
    assert float(result.p_abandon) == pytest.approx(1 - agents / load, rel=1e-9)
    assert float(result.occupancy) == pytest.approx(1)


def test_erlang_b_deep_in_overload_tends_to_the_calls_over_capacity() -> None:
    np.testing.assert_allclose(erlang_b([1000, 0.5, 0], [1e6, 1e4, 3]), [0.999, 0.99995, 1], rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"agents": -1}, "agents"),
        ({"load_erl": float("inf")}, "load_erl"),
        ({"aht_s": 0}, "aht_s"),
        ({"threshold_s": [20, float("nan")]}, r"threshold_s\[1\]"),
        ({"patience_s": -5}, "patience_s"),
    ],
)
def test_arguments_outside_the_model_are_refused_by_name(change: dict[str, Any], words: str) -> None:
    terms = {"agents": 3, "load_erl": 2, "aht_s": 60, "threshold_s": 20, "patience_s": 60} | change
    with pytest.raises(QueueingError, match=words):
        erlang_a(terms.pop("agents"), terms.pop("load_erl"), **terms)


@pytest.mark.parametrize(("agents", "load"), [(50, 400), (200, 700), (10, 1e5), (1000, 3000), (7, 90)])
def test_erlang_b_under_heavy_overload_equals_exact_decimals(agents: int, load: float) -> None:
    inverse = Decimal(1)
    for heads in range(1, agents + 1):
        inverse = 1 + inverse * heads / Decimal(load)
    assert float(erlang_b(agents, load)) == pytest.approx(float(1 / inverse), rel=1e-13)


@pytest.mark.parametrize(
    ("agents", "load", "patience_s"),
    [(500, 100, 3600), (40, 20, 1e5), (1000, 900, 1e7), (20_000, 18_000, 1e8)],
)
def test_erlang_a_far_below_capacity_tends_to_erlang_c(agents: int, load: float, patience_s: float) -> None:
    """With spare agents the queue of Erlang A is within about x / (x - y)**2 of Erlang C's."""
    patient = erlang_c(agents, load, aht_s=180, threshold_s=20)
    almost = erlang_a(agents, load, aht_s=180, threshold_s=20, patience_s=patience_s)
    spare = (agents - load) * patience_s / 180
    distance = 2 * agents * patience_s / 180 / spare**2
    assert float(almost.p_wait) == pytest.approx(float(patient.p_wait), rel=distance)
    assert float(almost.asa_s) == pytest.approx(float(patient.asa_s), rel=2 * distance)
