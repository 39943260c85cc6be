"""`contact-statistics` and the calculators: sums of the queue's own days, published figures, capped sizes."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.demand.models import IntervalHistory
from apps.demand.selectors.statistics import Period, constant_offsets, contact_statistics
from tests.factories import make_history, make_queue, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/contact-statistics/"


@pytest.fixture
def planner() -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user(Role.PLANNER))
    return client


def brute_force(zone: ZoneInfo, period: Period, start: dt.datetime, end: dt.datetime) -> dict[Any, int]:
    """Sum row by row by the wall clock."""
    sums: dict[Any, int] = {}
    for row in IntervalHistory.objects.filter(start__gte=start, start__lt=end):
        local = row.start.astimezone(zone)
        day = local.date()
        key: Any = {
            Period.HOUR: (day, local.hour, local.utcoffset()),
            Period.DAY: day,
            Period.WEEK: day - dt.timedelta(days=day.weekday()),
            Period.MONTH: day.replace(day=1),
        }[period]
        sums[key] = sums.get(key, 0) + row.offered
    return sums


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", dt.datetime(2025, 3, 28, tzinfo=dt.UTC)),
        ("Europe/Berlin", dt.datetime(2025, 10, 24, 23, tzinfo=dt.UTC)),
        ("Asia/Novosibirsk", dt.datetime(2016, 7, 22, tzinfo=dt.UTC)),
        ("Asia/Kolkata", dt.datetime(2025, 1, 30, 18, 30, tzinfo=dt.UTC)),
    ],
)
def test_sums_are_those_of_the_wall_clock(zone: str, first: dt.datetime, period: Period) -> None:
    queue = make_queue(time_zone=zone)
    make_history(queue, first, list(range(1, 96 * 4 + 1)))
    start, end = first + dt.timedelta(minutes=45), first + dt.timedelta(days=4, minutes=-30)
    (found,) = contact_statistics([queue], start=start, end=end, period=period)
    expected = brute_force(ZoneInfo(zone), period, start, end)
    assert found.offered == list(expected.values())
    rows = IntervalHistory.objects.filter(start__gte=start, start__lt=end).count()
    assert sum(map(int, filter(None, found.intervals))) == rows > 100
    if period in {Period.DAY, Period.WEEK, Period.MONTH}:
        assert [each.date() for each in found.starts] == list(expected)
        assert {(each.hour, each.minute) for each in found.starts} == {(0, 0)}


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(["Europe/Berlin", "Europe/Moscow", "Asia/Novosibirsk", "Australia/Lord_Howe"]),
    minute=st.integers(0, 16 * 365 * 1440),
    days=st.integers(1, 500),
)
def test_the_clock_changes_between_the_pieces_only(name: str, minute: int, days: int) -> None:
    zone = ZoneInfo(name)
    start = dt.datetime(2010, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minute)
    pieces = list(constant_offsets(zone, start, start + dt.timedelta(days=days)))
    assert (pieces[0][0], pieces[-1][1]) == (start, start + dt.timedelta(days=days))
    assert all(one[1] == other[0] for one, other in pairwise(pieces))
    for begun, ended in pieces:
        last = ended - dt.timedelta(minutes=1)
        assert begun.astimezone(zone).utcoffset() == last.astimezone(zone).utcoffset()
    for one, other in pairwise(pieces):
        assert one[0].astimezone(zone).utcoffset() != other[0].astimezone(zone).utcoffset()


def test_the_endpoint_sums_the_named_queues(planner: APIClient) -> None:
    start = dt.datetime(2025, 1, 30, 21, tzinfo=dt.UTC)  # midnight in Moscow
    queues = [make_queue(time_zone="Europe/Moscow") for _ in range(3)]
    for queue in queues:
        make_history(queue, start, [4] * 48 * 2)
    query = {"start": "2025-01-30T21:00Z", "end": "2025-02-01T21:00Z", "queue": [queues[0].pk, queues[2].pk]}
    with CaptureQueriesContext(connection) as queries:
        found = planner.get(ADDRESS, query).json()
    assert [row["queue_id"] for row in found["queues"]] == [queues[0].pk, queues[2].pk]
    assert found["queues"][0]["starts"] == ["2025-01-31T00:00:00+03:00", "2025-02-01T00:00:00+03:00"]
    assert found["queues"][0]["offered"] == [192, 192]
    summing = [query for query in queries if "date_bin" in query["sql"]]
    assert len(summing) == 1
    monthly = planner.get(ADDRESS, query | {"period": "month"}).json()["queues"][0]
    assert monthly["offered"] == [192, 192]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"end": "2024-01-01T00:00Z"}, "end"),
        ({"period": "year"}, "period"),
        ({"end": "2099-01-01T00:00Z", "period": "hour"}, "end"),
        ({"queue": "0"}, "queue"),
        ({"step": "day"}, "step"),
    ],
)
def test_a_wrong_question_is_refused_by_field(planner: APIClient, wrong: dict[str, str], field: str) -> None:
    make_queue()
    answer = planner.get(ADDRESS, {"start": "2025-01-01T00:00Z", "end": "2025-02-01T00:00Z"} | wrong)
    assert (answer.status_code, [name.split(".")[0] for name in answer.json()["fields"]]) == (400, [field])


def test_erlang_c_for_three_head_counts(planner: APIClient) -> None:
    asked = {"agents": [8, 10, 14], "load_erl": 8.5, "aht_s": 240}
    found = planner.post("/api/v1/planning/erlang-c/", asked, format="json").json()
    assert found["asa_s"][0] is None
    assert found["service_level"][0] == 0
    assert found["service_level"] == sorted(found["service_level"])
    assert found["occupancy"][1] == pytest.approx(0.85)


def test_erlang_a_loses_the_impatient(planner: APIClient) -> None:
    asked = {"agents": [8], "load_erl": [8.5], "aht_s": [240], "patience_s": [60]}
    found = planner.post("/api/v1/planning/erlang-a/", asked, format="json").json()
    assert 0 < found["p_abandon"][0] < 1
    assert found["asa_s"][0] < 60


@pytest.mark.parametrize(
    "wrong",
    [
        {"agents": [-1]},
        {"agents": []},
        {"agents": [1] * 10_001},
        {"agents": [1, 2], "load_erl": [1, 2, 3]},
        {"aht_s": [0]},
        {"agents": ["many"]},
        {"agents": [1e308]},
        {"agents": None},
    ],
)
def test_calculators_refuse_nonsense(planner: APIClient, wrong: dict[str, Any]) -> None:
    asked = {"agents": [8], "load_erl": [8.5], "aht_s": [240]} | wrong
    answer = planner.post("/api/v1/planning/erlang-c/", asked, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
