"""Figures on the pages: the reader's decimal sign, a sign on differences, a dash for what is not known."""

from __future__ import annotations

import math

import pytest
from django.utils import translation

from apps.core.templatetags import figures

SPACE = "\u00a0"


@pytest.mark.parametrize(("language", "text"), [("ru", f"87,3{SPACE}%"), ("en", "87.3%")])
def test_share(language: str, text: str) -> None:
    with translation.override(language):
        assert figures.share(0.8731) == text


def test_number_groups_thousands() -> None:
    with translation.override("ru"):
        assert figures.number(12345.67, 1) == f"12{SPACE}345,7"


def test_hours_from_seconds() -> None:
    with translation.override("en"):
        assert figures.hours(27000) == "7.5"


@pytest.mark.parametrize(("value", "text"), [(2.04, "+2.0"), (-2.06, "\u22122.1"), (0.04, "0"), (-0.04, "0")])
def test_differences_carry_their_sign(value: float, text: str) -> None:
    with translation.override("en"):
        assert figures.signed(value, 1) == text


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_unknown_is_a_dash(value: float | None) -> None:
    assert figures.share(value) == figures.number(value) == figures.signed(value) == figures.NOTHING


def test_difference_with_something_unknown_is_unknown() -> None:
    assert figures.minus(None, 3) is None
    assert figures.signed_hours(None) == figures.NOTHING


@pytest.mark.parametrize(("minutes", "text"), [(0, "00:00"), (570, "09:30"), (1740, "05:00")])
def test_clock_begins_anew_after_midnight(minutes: int, text: str) -> None:
    assert figures.minutes_clock(minutes) == text
