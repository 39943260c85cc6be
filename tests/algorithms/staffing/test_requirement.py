import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from apps.algorithms.queueing import QueueingError, ServiceTarget, minimum_agents
from apps.algorithms.staffing import StaffingPolicy, derive_requirement, offered_load

TARGET = ServiceTarget(service_level=0.8, threshold_s=20)


def test_load_is_calls_times_handle_time_over_the_interval() -> None:
    np.testing.assert_allclose(offered_load([100, 0, 50], [180, np.nan, 180], 1800), [10, 0, 5])


def test_a_cut_last_interval_keeps_its_load() -> None:
    """A queue that closes at 21:05 takes 100 calls an hour to the end: 10 minutes hold a sixth of them."""
    load = offered_load([100, 100, 100 / 6], 180, [3600, 3600, 600])
    np.testing.assert_allclose(load, 5.0)


def test_one_hundred_calls_in_half_an_hour_need_fourteen_agents() -> None:
    result = derive_requirement([100, 0], 180, step_s=1800, policy=StaffingPolicy(TARGET))
    np.testing.assert_array_equal(result.positions, [14, 0])
    np.testing.assert_array_equal(result.required, [14, 0])


@pytest.mark.parametrize(
    ("policy", "required"),
    [
        (StaffingPolicy(TARGET, minimum_staff=20), 20),
        (StaffingPolicy(TARGET, reserve=1.1), 16),  # 15.4
        (StaffingPolicy(TARGET, minimum_staff=20, reserve=1.1), 22),  # 22.000000000000004 in binary
        (StaffingPolicy(TARGET, absenteeism=0.3), 20),  # 14 / 0.7 is exactly 20
        (StaffingPolicy(TARGET, minimum_staff=15, reserve=1.2, absenteeism=0.1), 20),  # 15 x 1.2 / 0.9
        (StaffingPolicy(TARGET, reserve=0.5), 7),
        (StaffingPolicy(TARGET, patience_s=300), 13),
    ],
)
def test_minimum_then_reserve_then_absenteeism_then_one_rounding(
    policy: StaffingPolicy, required: int
) -> None:
    assert derive_requirement([100], 180, step_s=1800, policy=policy).required == required


def test_an_open_interval_without_calls_keeps_the_minimum_and_a_closed_one_nobody() -> None:
    policy = StaffingPolicy(TARGET, minimum_staff=2, reserve=1.5)
    result = derive_requirement(
        [0, 0, 100], [0, 0, 180], step_s=1800, policy=policy, is_open=[True, False, True]
    )
    np.testing.assert_array_equal(result.required, [3, 0, 21])
    by_calls = derive_requirement([0, 0, 100], [0, 0, 180], step_s=1800, policy=policy)
    np.testing.assert_array_equal(by_calls.required, [0, 0, 21])


def test_coefficients_may_differ_by_interval() -> None:
    policy = StaffingPolicy(
        TARGET,
        minimum_staff=[0, 30, 0],
        reserve=[1, 1, 1.5],
        absenteeism=[0.5, 0, 0],
        patience_s=[300, 300, np.inf],
    )
    result = derive_requirement([100, 100, 100], 180, step_s=1800, policy=policy)
    np.testing.assert_array_equal(result.required, [26, 30, 21])


@settings(max_examples=80, deadline=None)
@given(
    calls=st.lists(st.floats(0, 500), min_size=1, max_size=8),
    minimum=st.integers(0, 20),
    reserve=st.floats(1, 2),
    absent=st.floats(0, 0.6),
)
def test_those_who_come_cover_minimum_and_reserve(
    calls: list[float], minimum: int, reserve: float, absent: float
) -> None:
    policy = StaffingPolicy(TARGET, minimum_staff=minimum, reserve=reserve, absenteeism=absent)
    result = derive_requirement(calls, 200, step_s=900, policy=policy)
    positions = minimum_agents(np.array(calls) * 200 / 900, aht_s=200, target=TARGET)
    np.testing.assert_array_equal(result.positions, positions)
    wanted = np.where(np.array(calls) > 0, np.maximum(positions, minimum) * reserve, 0)
    present = result.required * (1 - absent)
    assert (present >= wanted * (1 - 1e-8)).all()
    one_less = (result.required - 1) * (1 - absent)
    assert ((one_less < wanted) | (result.required == 0)).all()


@pytest.mark.parametrize(
    ("calls", "aht_s", "step_s", "is_open", "words"),
    [
        ([1, -1], 180, 900, None, r"calls\[1\]"),
        ([1, 1], [180, 0], 900, None, r"aht_s\[1\]"),
        ([1, 1], 180, 0, None, "step_s"),
        ([5, 1], 180, 900, [True, False], "interval 1 is closed but expects 1.0 calls"),
    ],
)
def test_bad_input_is_refused_by_name(
    calls: list[float], aht_s: ArrayLike, step_s: int, is_open: ArrayLike | None, words: str
) -> None:
    with pytest.raises(QueueingError, match=words):
        derive_requirement(calls, aht_s, step_s=step_s, policy=StaffingPolicy(TARGET), is_open=is_open)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (StaffingPolicy(TARGET, absenteeism=1.0), "absenteeism"),
        (StaffingPolicy(TARGET, reserve=-0.1), "reserve"),
        (StaffingPolicy(TARGET, minimum_staff=-1), "minimum_staff"),
    ],
)
def test_bad_coefficients_are_refused_by_name(policy: StaffingPolicy, words: str) -> None:
    with pytest.raises(QueueingError, match=words):
        derive_requirement([1], 180, step_s=900, policy=policy)
