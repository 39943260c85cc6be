import math

import numpy as np
import pytest

from apps.algorithms.queueing import ServiceTarget, erlang_a
from apps.algorithms.staffing import StaffingPolicy, derive_requirement, expected_service


def test_totals_weigh_intervals_by_their_calls() -> None:
    result = expected_service([13, 20, 0], [100, 50, 0], 180, step_s=1800, threshold_s=20, patience_s=300)
    first = erlang_a(13, 10, aht_s=180, threshold_s=20, patience_s=300)
    second = erlang_a(20, 5, aht_s=180, threshold_s=20, patience_s=300)
    np.testing.assert_allclose(result.load_erl, [10, 5, 0])
    assert result.performance.service_level[0] == first.service_level
    totals = result.totals
    assert totals.calls == 150
    expected = (100 * float(first.service_level) + 50 * float(second.service_level)) / 150
    assert totals.service_level == pytest.approx(expected)
    lost = (100 * float(first.p_abandon) + 50 * float(second.p_abandon)) / 150
    assert totals.p_abandon == pytest.approx(lost)
    handled_erl = 10 * (1 - float(first.p_abandon)) + 5 * (1 - float(second.p_abandon))
    assert totals.occupancy == pytest.approx(handled_erl / 33)
    assert totals.unstable_calls == 0


def test_an_understaffed_interval_of_patient_callers_is_named_not_hidden() -> None:
    result = expected_service([14, 10], [100, 100], 180, step_s=1800, threshold_s=20)
    assert result.performance.service_level[1] == 0
    assert result.totals.service_level == pytest.approx(0.8883500191794669 / 2)
    assert math.isinf(result.totals.asa_s)
    assert result.totals.unstable_calls == 100


def test_agents_on_line_without_calls_only_lower_the_occupancy() -> None:
    alone = expected_service([14], [100], 180, step_s=1800, threshold_s=20).totals
    with_idle = expected_service([14, 14], [100, 0], [180, np.nan], step_s=1800, threshold_s=20).totals
    assert with_idle.service_level == alone.service_level
    assert with_idle.asa_s == alone.asa_s
    assert with_idle.occupancy == pytest.approx(alone.occupancy / 2)


def test_a_cut_interval_weighs_by_its_length_in_occupancy() -> None:
    result = expected_service([10, 10], [100, 0], 180, step_s=[3600, 600], threshold_s=20, patience_s=60)
    busy_s = float(result.performance.occupancy[0]) * 10 * 3600
    assert result.totals.occupancy == pytest.approx(busy_s / (10 * 4200))


def test_nothing_offered_has_no_service_level() -> None:
    totals = expected_service([0], [0], 180, step_s=1800, threshold_s=20).totals
    assert totals.calls == 0
    assert math.isnan(totals.service_level)
    assert math.isnan(totals.asa_s)
    assert math.isnan(totals.occupancy)


def test_the_derived_positions_meet_the_target_they_were_derived_for() -> None:
    rng = np.random.default_rng(3)
    calls, aht_s = rng.uniform(0, 400, 500), rng.uniform(120, 400, 500)
    target = ServiceTarget(service_level=0.8, threshold_s=20, max_abandonment=0.04)
    policy = StaffingPolicy(target, patience_s=180)
    agents = derive_requirement(calls, aht_s, step_s=900, policy=policy).required
    result = expected_service(agents, calls, aht_s, step_s=900, threshold_s=20, patience_s=180)
    assert (result.performance.service_level >= 0.8 - 1e-12).all()
    assert result.totals.service_level >= 0.8
    assert result.totals.p_abandon <= 0.04
