"""Changes laid over a forecast: identities, totals, and how the band follows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.algorithms.forecasting import Curve, adjust_aht, adjust_calls, combined_coefficient

ALL = np.ones(4, dtype=np.bool_)


def curve(*calls: float) -> Curve:
    values = np.array(calls or (0.0, 10.0, 30.0, 60.0))
    return Curve(values, 0.8 * values, 1.3 * values, np.full(values.size, 180.0))


def test_events_that_fall_together_add_up() -> None:
    assert combined_coefficient(np.array([1.25, 1.35, 2.15])) == pytest.approx(2.75)
    assert combined_coefficient(np.array([])) == 1
    assert combined_coefficient(np.array([0.2, 0.1])) == 0


def test_a_growth_of_one_changes_nothing() -> None:
    before = curve()
    assert adjust_calls(before, ALL, "multiply", 1.0) is before


def test_a_band_of_counting_widens_as_the_root_and_one_of_the_rate_as_the_contacts() -> None:
    counting, rate = 1.2816 * np.sqrt(100), np.sqrt(1.2816**2 * 100 + 60**2)
    before = Curve(*(np.array([value]) for value in (100.0, 100 - counting, 100 + rate, 180.0)))
    after = adjust_calls(before, np.array([True]), "multiply", 4)
    assert after.lower[0] == pytest.approx(400 - 1.2816 * np.sqrt(400))
    assert after.upper[0] == pytest.approx(400 + np.sqrt(1.2816**2 * 400 + 240**2))


def test_a_quiet_interval_made_busy_has_no_band_of_thousands() -> None:
    before = Curve(*(np.array([value]) for value in (0.05, 0.0, 2.0, 180.0)))
    after = adjust_calls(before, np.array([True]), "set", 50)
    assert 55 < after.upper[0] < 150


def test_a_total_is_spread_in_proportion() -> None:
    after = adjust_calls(curve(), ALL, "set_total", 50)
    assert after.calls == pytest.approx([0, 5, 15, 30])
    assert adjust_calls(curve(), ALL, "add_total", 100).calls == pytest.approx([0, 20, 60, 120])


def test_closed_intervals_stay_closed_unless_all_chosen_ones_are() -> None:
    assert adjust_calls(curve(), ALL, "add", 5).calls.tolist() == [0, 15, 35, 65]
    opened = adjust_calls(curve(0.0, 0.0, 8.0, 9.0), np.array([True, True, False, False]), "set_total", 8)
    assert opened.calls.tolist() == [4, 4, 8, 9]
    assert (opened.lower[0], opened.upper[0]) == pytest.approx((4 - 1.2816 * 2, 4 + 1.2816 * 2))
    assert opened.upper[2:].tolist() == curve(0.0, 0.0, 8.0, 9.0).upper[2:].tolist()


def test_contacts_do_not_fall_below_nought_and_aht_is_changed_alone() -> None:
    assert adjust_calls(curve(), ALL, "add", -20).calls.tolist() == [0, 0, 10, 40]
    after = adjust_aht(curve(), np.array([False, True, True, False]), "add", 20)
    assert after.aht_s.tolist() == [180, 200, 200, 180]
    assert after.calls.tolist() == curve().calls.tolist()


def test_what_makes_no_sense_is_refused() -> None:
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not finite"):
            adjust_calls(curve(), ALL, "set", wrong)
        with pytest.raises(ValueError, match="not finite"):
            adjust_aht(curve(), ALL, "set", wrong)
    with pytest.raises(ValueError, match="unknown operation"):
        adjust_calls(curve(), ALL, "halve", 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot be changed"):
        adjust_aht(curve(), ALL, "set_total", 1.0)


@given(
    st.lists(st.floats(0, 500), min_size=4, max_size=4),
    st.sampled_from(["set", "set_total", "add", "add_total", "multiply"]),
    st.floats(0, 100),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_what_was_not_chosen_stays_and_the_band_holds_the_value(
    calls: list[float], operation: str, value: float, chosen: list[bool]
) -> None:
    before, mask = curve(*calls), np.array(chosen)
    after = adjust_calls(before, mask, operation, value)  # type: ignore[arg-type]
    for name in ("calls", "lower", "upper"):
        assert (getattr(after, name)[~mask] == getattr(before, name)[~mask]).all()
    slack = 1e-6 * (1 + after.calls)
    assert (after.lower <= after.calls + slack).all()
    assert (after.upper >= after.calls - slack).all()
    if operation == "set_total" and mask.any():
        closed = mask.sum() * 1e-6  # what is below a millionth of a contact is closed and stays so
        assert after.calls[mask].sum() == pytest.approx(value, abs=closed)
