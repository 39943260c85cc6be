"""Spans, months and labels of charts on somebody's clock."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.test import RequestFactory
from django.utils import translation

from apps.core.errors import DomainError
from apps.core.web.converters import DayConverter, MonthConverter, month_after
from apps.core.web.series import chart_json, local_labels
from apps.core.web.spans import DaySpan, read_span

DAY = dt.date(2027, 2, 1)
BERLIN = ZoneInfo("Europe/Berlin")


def test_span_of_the_address_and_its_neighbours() -> None:
    request = RequestFactory().get("/", {"from": "2027-02-10", "days": "7"})
    span = read_span(request, first=DAY)
    assert (span.first, span.last, span.end) == (
        dt.date(2027, 2, 10),
        dt.date(2027, 2, 16),
        dt.date(2027, 2, 17),
    )
    assert span.previous == dt.date(2027, 2, 3)


FAR = [{"from": "0001-01-01"}, {"from": "9999-12-31"}, {"from": "1999-12-31"}]


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"days": "0"}, {"days": "63"}, {"days": "x"}, *FAR])
def test_nonsense_in_the_address_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(DomainError):
        read_span(RequestFactory().get("/", query), first=DAY)


def test_day_of_a_clock_change_has_23_hours_and_its_labels_leap() -> None:
    start, end = DaySpan(dt.date(2027, 3, 28), 1).instants(BERLIN)
    hours = round((end - start).total_seconds() / 3600)
    assert hours == 23
    labels = local_labels(start, 3600, hours, BERLIN)
    assert labels[1:3] == ["28.03 01:00", "28.03 03:00"]
    assert labels[-1] == "28.03 23:00"


def test_gaps_in_a_series_stay_gaps() -> None:
    with translation.override("en"):
        data = chart_json(
            labels=["a", "b"],
            zone=BERLIN,
            step_s=900,
            series=[("history", "History", np.array([1.0, np.nan]))],
        )
    assert data["series"] == [{"kind": "history", "label": "History", "values": [1.0, None]}]
    assert data["unit"] == "Contacts in 15 minutes"


@pytest.mark.parametrize("text", ["2027-13", "0001-01", "9999-01"])
def test_months_out_of_reach_match_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|reach"):
        MonthConverter().to_python(text)


def test_converters_return_what_they_were_given() -> None:
    assert MonthConverter().to_url(MonthConverter().to_python("2027-02")) == "2027-02"
    assert DayConverter().to_url(DayConverter().to_python("2027-02-03")) == "2027-02-03"


@pytest.mark.parametrize(("count", "month"), [(1, (2027, 1)), (-12, (2025, 12)), (0, (2026, 12))])
def test_month_after(count: int, month: tuple[int, int]) -> None:
    assert month_after(dt.date(2026, 12, 1), count) == dt.date(*month, 1)
