"""The figures of several queues together."""

from __future__ import annotations

import pytest

from apps.schedules.selectors.measuring import together


def _part(calls: float, level: float | None, overloaded: int = 0) -> dict[str, float | None]:
    return {
        "calls": calls,
        "service_level": level,
        "asa_s": None if level is None else 20.0,
        "p_abandon": None if level is None else 0.02,
        "overloaded_intervals": overloaded,
    }


def test_queues_weigh_by_their_calls() -> None:
    figures = together([_part(300, 0.8), _part(100, 0.4, overloaded=2)])
    assert figures["service_level"] == pytest.approx(0.7)
    assert (figures["calls"], figures["overloaded_intervals"]) == (400, 2)


def test_a_queue_without_calls_does_not_hide_the_others() -> None:
    figures = together([_part(0, None), _part(100, 0.8)])
    assert figures["service_level"] == pytest.approx(0.8)
    assert figures["asa_s"] == pytest.approx(20)


def test_an_endless_wait_in_one_queue_leaves_no_mean() -> None:
    assert together([_part(10, None, overloaded=1), _part(100, 0.8)])["service_level"] is None


def test_without_any_call_there_is_no_service() -> None:
    assert together([_part(0, None)])["service_level"] is None
    assert together([])["calls"] == 0
