"""Outliers found, told in words, corrected and undone on the pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from apps.demand.models import HistoryCorrection, IntervalHistory, SpecialDay
from apps.demand.selectors import find_outliers, history_series
from apps.demand.services.correcting import correct_history
from apps.demand.types import InstantSpan
from tests.factories import make_history, make_queue, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 1, 21, tzinfo=dt.UTC)  # Monday, 00:00 in Moscow
HOUR = dt.timedelta(hours=1)
DAYS = 12 * 7
WILD_DAY = dt.date(2026, 4, 15)
PAGE = "/queues/calls/history/outliers/"


@pytest.fixture
def queue(client: Client) -> Queue:
    """Make twelve weeks, ordinary but for one Wednesday at three times the usual and one hour of a Friday."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    queue = make_queue(code="calls", step_minutes=60)
    calls = [20 + hour % 24 + day % 3 for day in range(DAYS) for hour in range(24)]
    day = (WILD_DAY - dt.date(2026, 3, 2)).days * 24
    calls[day : day + 24] = [3 * value for value in calls[day : day + 24]]
    calls[day + 48 + 10] = 400
    make_history(queue, START, calls, step_s=3600)
    return queue


def wild_span() -> InstantSpan:
    start = START + (WILD_DAY - dt.date(2026, 3, 2))
    return InstantSpan(start, start + 24 * HOUR)


def form(**facts: Any) -> dict[str, Any]:
    span = InstantSpan(START + 44 * 24 * HOUR, START + 45 * 24 * HOUR)
    token = f"{span.start.isoformat()}/{span.end.isoformat()}"
    return {"span": [token], "action": "exclude", "reason": "an advert", "seen": 0} | facts


def test_a_wild_day_stands_for_its_intervals_and_a_wild_hour_alone(queue: Queue) -> None:
    day, hour = find_outliers(queue, WILD_DAY, WILD_DAY + dt.timedelta(days=7))
    assert (day.day, day.is_day, day.severity, day.is_high, day.intervals) == (WILD_DAY, True, 2, True, 24)
    assert (day.span, day.neighbours) == (wild_span(), 10)
    assert (hour.is_day, hour.intervals, hour.actual) == (False, 1, 400)
    assert hour.span.start == wild_span().start + 58 * HOUR


@pytest.mark.usefixtures("queue")
def test_the_page_says_why_and_by_which_neighbours(client: Client) -> None:
    page = client.get(f"{PAGE}?from=2026-04-10&days=14")
    (row, _ticked), (hour, _also) = page.context["rows"]
    assert "median of 10 Wednesdays within five weeks" in row.text
    assert "times the usual" in row.text
    assert hour.hours == "10:00–11:00"
    text = page.content.decode()
    assert "clock of Europe/Moscow" in text
    assert "whole day" in text


@pytest.mark.usefixtures("queue")
def test_a_special_day_is_named(client: Client) -> None:
    SpecialDay.objects.create(name="Sale", first_day=WILD_DAY, last_day=WILD_DAY, coefficient=3)
    text = client.get(f"{PAGE}?from=2026-04-10&days=14").content.decode()
    assert "The day is special: Sale." in text


def test_a_ticked_outlier_is_left_out_and_undone(client: Client, queue: Queue) -> None:
    address = f"{PAGE}?from=2026-04-10&days=14"
    answer = client.post(address, form(), follow=True)
    assert "1 correction was made." in answer.content.decode()
    row = HistoryCorrection.objects.get()
    assert (row.action, row.start, row.end) == ("exclude", wild_span().start, wild_span().end)
    assert answer.context["rows"][0][0].decision == row
    assert answer.context["undecided"] == 1
    read = history_series(queue.pk, row.start, row.end, 3600, corrected=True)
    assert not read.observed.any()
    undo = client.post(f"/history-corrections/{row.pk}/undo/", {"reason": "it was real"}, follow=True)
    assert "The correction was undone." in undo.content.decode()
    assert history_series(queue.pk, row.start, row.end, 3600, corrected=True).observed.all()
    again = client.post(f"/history-corrections/{row.pk}/undo/", {"reason": "again"}, follow=True)
    assert "undone already" in again.content.decode()


@pytest.mark.usefixtures("queue")
def test_what_was_accepted_is_decided_by_whom_when_and_why(client: Client) -> None:
    address = f"{PAGE}?from=2026-04-10&days=14"
    before = client.get(address)
    assert (before.context["found"], before.context["undecided"]) == (2, 2)
    assert "Not yet decided: 2" in before.content.decode()
    text = client.post(address, form(action="restore", reason="a real rush"), follow=True).content.decode()
    row = HistoryCorrection.objects.get()
    table = text.split('id="outliers-title"')[1].split('id="correct-title"')[0]
    assert "As recorded" in table
    assert "a real rush" in table
    assert str(row.created_by) in table
    assert table.count("not yet decided") == 1
    left = client.get(f"{address}&show=open")
    assert [shown.decision for shown, _ticked in left.context["rows"]] == [None]
    client.post(
        address, form(action="restore", seen=row.pk, span=[left.context["rows"][0][0].token]), follow=True
    )
    assert "All is decided in these days" in client.get(f"{address}&show=open").content.decode()
    assert client.get(f"{address}&show=open").context["undecided"] == 0


def test_a_part_that_was_corrected_decides_nothing_about_the_day(client: Client, queue: Queue) -> None:
    part = InstantSpan(wild_span().start, wild_span().start + HOUR)
    correct_history(queue_id=queue.pk, spans=[part], action="exclude", reason="x", actor=None)
    assert client.get(f"{PAGE}?from=2026-04-10&days=14").context["undecided"] == 2


@pytest.mark.usefixtures("queue")
def test_the_chart_marks_outliers_and_rows_lead_to_their_day(client: Client) -> None:
    by_day = client.get(f"{PAGE}data/?from=2026-04-01&days=28").json()
    marks = by_day["series"][-1]["values"]
    assert [index for index, value in enumerate(marks) if value is not None] == [14, 16]
    page = client.get(f"{PAGE}?from=2026-04-01&days=28").content.decode()
    assert "?from=2026-04-17&amp;days=1&amp;level=outer#chart-title" in page
    friday = client.get(f"{PAGE}data/?from=2026-04-17&days=1&level=outer").json()["series"][-1]["values"]
    assert [(index, value) for index, value in enumerate(friday) if value is not None] == [(10, 400)]
    wednesday = client.get(f"{PAGE}data/?from=2026-04-15&days=1").json()["series"][-1]["values"]
    assert None not in wednesday


@pytest.mark.usefixtures("queue")
def test_a_span_named_by_hand_is_on_the_queues_clock(client: Client) -> None:
    facts = {"span": [], "first_day": "2026-03-02", "from_time": "09:00", "last_day": "2026-03-02"}
    client.post(PAGE, form(**facts, to_time="11:00", action="value", value="7"))
    row = HistoryCorrection.objects.get()
    assert (row.start, row.end, row.values) == (START + 9 * HOUR, START + 11 * HOUR, [7, 7])


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        ({"reason": ""}, 422, "This field is required"),
        ({"span": []}, 400, "Choose at least one"),
        ({"span": ["nonsense"]}, 422, "This is not a span"),
        ({"span": ["2026-03-02/2026-03-03"]}, 422, "This is not a span"),
        ({"action": "value"}, 400, "Needed to replace by a given value"),
        ({"first_day": "2026-03-02"}, 422, "Give both days"),
        ({"first_day": "2026-03-05", "last_day": "2026-03-02"}, 422, "It ends before it begins"),
        ({"action": "undo"}, 422, "Select a valid choice"),
    ],
)
@pytest.mark.usefixtures("queue")
def test_what_is_wrong_with_the_form_is_told_and_what_was_typed_stays(
    client: Client, facts: dict[str, Any], status: int, told: str
) -> None:
    answer = client.post(f"{PAGE}?from=2026-04-10&days=14", form(**facts))
    assert (answer.status_code, HistoryCorrection.objects.count()) == (status, 0)
    assert told in answer.content.decode()


def test_somebody_elses_correction_meanwhile_is_told(client: Client, queue: Queue) -> None:
    correct_history(
        queue_id=queue.pk, spans=[wild_span()], action="exclude", reason="x", actor=make_user("planner")
    )
    answer = client.post(PAGE, form(seen=0))
    assert (answer.status_code, HistoryCorrection.objects.count()) == (412, 1)
    assert "corrected the same intervals meanwhile" in answer.content.decode()


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize(("days", "labels"), [(2, 48), (28, 28)])
def test_the_chart_shows_intervals_or_days(client: Client, days: int, labels: int) -> None:
    data = client.get(f"{PAGE}data/?from=2026-04-10&days={days}").json()
    assert len(data["labels"]) == labels
    assert [row["kind"] for row in data["series"]] == ["lower", "upper", "history", "corrected", "outlier"]
    assert "Europe/Moscow" in data["axis"]


def test_an_empty_queue_and_one_that_sums_up_say_what_to_do(client: Client, queue: Queue) -> None:
    make_queue(code="empty")
    assert "No history yet" in client.get("/queues/empty/history/outliers/").content.decode()
    assert client.get("/queues/empty/history/outliers/data/").json()["labels"] == []
    make_queue(code="sum").members.set([queue])
    text = client.get("/queues/sum/history/outliers/?from=2026-04-10&days=14").content.decode()
    assert "correct the history of its members" in text


@pytest.mark.usefixtures("queue")
def test_who_may_not_correct_does_not(client: Client) -> None:
    assert client.get(f"{PAGE}?level=nonsense").status_code == 400
    client.force_login(make_user("employee"))
    assert client.get(PAGE).status_code == 403
    client.post(PAGE, form())
    assert not HistoryCorrection.objects.exists()


def test_the_page_takes_the_same_queries_however_many_outliers(
    client: Client, queue: Queue, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client.get(PAGE)
    with django_assert_max_num_queries(30):
        client.get(f"{PAGE}?from=2026-04-10&days=7")
    for row in IntervalHistory.objects.filter(queue=queue)[::37]:
        row.offered *= 9
        row.save()
    with django_assert_max_num_queries(30):
        client.get(f"{PAGE}?from=2026-04-01&days=56")
