"""Values printed by others; each case names where."""

import numpy as np
import pytest

from apps.algorithms.queueing import ServiceTarget, erlang_a, erlang_b, erlang_c, minimum_agents


def test_erlang_c_of_the_erlangc_package() -> None:
    # README of the CRAN package ErlangC 0.1.0: 100 calls per 30 min, AHT 180 s, 80 % in 20 s -> 14 agents.
    result = erlang_c(14, 10, aht_s=180, threshold_s=20)
    assert float(result.p_wait) == pytest.approx(0.1741319335950498, rel=1e-13)
    assert float(result.service_level) == pytest.approx(0.8883500191794669, rel=1e-13)
    assert float(result.asa_s) == pytest.approx(7.83593701177724, rel=1e-13)
    assert float(result.occupancy) == pytest.approx(0.7142857142857143, rel=1e-15)
    assert minimum_agents(10, aht_s=180, target=ServiceTarget(service_level=0.8)) == 14


def test_erlang_c_of_call_center_tools() -> None:
    # README of call-center-tools: 1000 calls an hour, AHT 120 s, 20 s, greatest occupancy 85 % -> 40 agents.
    result = erlang_c(40, 1000 * 120 / 3600, aht_s=120, threshold_s=20)
    assert round(float(result.p_wait) * 100, 2) == 19.07
    assert round(float(result.service_level) * 100, 2) == 93.72
    assert round(float(result.asa_s), 2) == 3.43
    assert round(float(result.occupancy) * 100, 2) == 83.33
    target = ServiceTarget(service_level=0.8, max_occupancy=0.85)
    assert minimum_agents(1000 * 120 / 3600, aht_s=120, target=target) == 40


def test_erlang_c_table_in_rational_arithmetic() -> None:
    # A public implementation with exact fractions prints these probabilities of waiting.
    result = erlang_c([1, 2, 5, 20], [0.5, 1.0, 3.0, 15.0], aht_s=60, threshold_s=0)
    np.testing.assert_allclose(
        result.p_wait, [0.5, 0.333333333333, 0.236151603499, 0.160429387417], atol=1e-12
    )


def test_erlang_c_docstring_of_call_center_tools() -> None:
    result = erlang_c(132, 123, aht_s=60, threshold_s=0)
    assert float(result.p_wait) == pytest.approx(0.3211161792617074, rel=1e-13)


def test_erlang_b_textbook_values() -> None:
    # One server: a / (1 + a). Two servers, 1 erlang: (1/2) / (1 + 1 + 1/2).
    np.testing.assert_allclose(erlang_b([0, 1, 2], [3.0, 3.0, 1.0]), [1.0, 0.75, 0.2], rtol=1e-14)


def test_erlang_a_of_pyworkforce() -> None:
    # pyworkforce 0.5.4 documentation: 100 calls per 30 min, AHT 3 min, 20 s, patience 5 min, 13 agents.
    result = erlang_a(13, 10, aht_s=180, threshold_s=20, patience_s=300)
    assert float(result.service_level) == pytest.approx(0.8581777000307624, rel=1e-13)
    assert float(result.occupancy) == pytest.approx(0.7500282279741758, rel=1e-13)
    assert float(result.p_abandon) == pytest.approx(0.02496330363357157, rel=1e-12)
    assert float(result.p_wait) == pytest.approx(0.2257970840473752, rel=1e-13)
    assert float(result.asa_s) / 60 == pytest.approx(0.12481651816785783, rel=1e-12)
    target = ServiceTarget(service_level=0.8, threshold_s=20)
    assert minimum_agents(10, aht_s=180, target=target, patience_s=300) == 13


def test_erlang_a_of_the_garnett_mandelbaum_reiman_example() -> None:
    # 48 calls a minute, AHT 1 min, patience 2 min, 50 agents: 3.1 % hang up, the mean wait is 3.7 s;
    # callers of endless patience would wait 20.8 s.
    impatient = erlang_a(50, 48, aht_s=60, threshold_s=20, patience_s=120)
    assert round(float(impatient.p_abandon) * 100, 1) == 3.1
    assert round(float(impatient.asa_s), 1) == 3.7
    patient = erlang_c(50, 48, aht_s=60, threshold_s=20)
    assert round(float(patient.asa_s), 1) == 20.8


@pytest.mark.parametrize(
    ("target", "aht_s"),
    [
        (ServiceTarget(service_level=0.8, threshold_s=20), 240),
        (ServiceTarget(max_abandonment=0.07), 180),
    ],
)
def test_erlang_a_may_need_fewer_agents_than_the_load(target: ServiceTarget, aht_s: float) -> None:
    # A search that starts at the load answers 216 for 215.7 erlang; 203 agents are enough.
    assert minimum_agents(215.7, aht_s=aht_s, target=target, patience_s=120) == 203
