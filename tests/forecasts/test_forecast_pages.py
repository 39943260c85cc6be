"""The forecast of a queue on the pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.forecasts.choices import VersionState
from apps.jobs.models import Job
from tests.factories import make_forecast, make_history, make_queue, make_user

if TYPE_CHECKING:
    from django.test import Client

    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
DAY_STEPS = 96


@pytest.fixture
def queue(client: Client) -> Queue:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    return make_queue(code="calls")


def test_chart_joins_history_and_the_band(client: Client, queue: Queue) -> None:
    make_history(queue, START - dt.timedelta(days=1), [10] * DAY_STEPS, step_s=900)
    version = make_forecast(queue, START, [20.0] * DAY_STEPS)
    address = f"/forecasts/{version.pk}/data/?from=2027-01-31&days=7"
    data = client.get(address).json()
    series = {item["kind"]: item["values"] for item in data["series"]}
    assert len(data["labels"]) == 7 * DAY_STEPS
    assert series["history"][:DAY_STEPS] == [10] * DAY_STEPS
    assert series["history"][DAY_STEPS] is None
    assert series["forecast"][DAY_STEPS - 1 : DAY_STEPS + 1] == [None, 20]
    assert (series["lower"][DAY_STEPS], series["upper"][DAY_STEPS]) == (16, 24)


def test_the_active_version_is_shown_unless_the_address_names_another(client: Client, queue: Queue) -> None:
    active = make_forecast(queue, START, [1.0])
    draft = make_forecast(queue, START, [2.0], state=VersionState.DRAFT)
    assert client.get("/queues/calls/forecast/").context["version"] == active
    page = client.get(f"/queues/calls/forecast/?version={draft.pk}")
    assert page.context["version"] == draft
    assert [row.pk for row, *_days in page.context["versions"]] == [draft.pk, active.pk]


def test_days_of_a_version_are_local_and_include_the_last(client: Client, queue: Queue) -> None:
    make_forecast(queue, START, [1.0] * DAY_STEPS)
    ((_version, first, last),) = client.get("/queues/calls/forecast/").context["versions"]
    assert (first, last) == (dt.date(2027, 2, 1), dt.date(2027, 2, 1))


def test_accuracy_stands_beside_week_naive(client: Client, queue: Queue) -> None:
    scores = [
        {"model": name, "wape": wape, "mape": None, "bias": -0.011, "mase": 0.8}
        for name, wape in (("blend", 0.0712), ("week_naive", 0.1034))
    ]
    make_forecast(queue, START, [1.0], model="blend", accuracy={"models": scores, "coverage": 0.81})
    text = client.get("/queues/calls/forecast/").content.decode()
    assert "WAPE 7.1%, as the week before 10.3%" in text
    assert "mean of the models" not in text
    assert "81%" in text


def test_starting_a_forecast_leads_to_its_job(client: Client, queue: Queue) -> None:
    make_history(queue, START - dt.timedelta(weeks=4), [10] * (28 * DAY_STEPS), step_s=900)
    answer = client.post("/queues/calls/forecast/", {"first": "2027-02-01", "last": "2027-02-07"})
    job = Job.objects.get(kind="forecasts.run")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    far = client.post("/queues/calls/forecast/", {"first": "9999-12-30", "last": "9999-12-31"})
    assert "outside the years 1990 to 2100" in far.content.decode()
    again = client.post("/queues/calls/forecast/", {"first": "2027-02-01", "last": "2027-02-07"}, follow=True)
    assert again.redirect_chain[-1][0] == f"/jobs/{job.pk}/"
    assert "already" in again.content.decode()


@pytest.mark.parametrize(
    ("first", "last"), [("2027-02-07", "2027-02-01"), ("2027-02-01", "2029-02-01"), ("", "2027-02-01")]
)
def test_days_that_make_no_span_are_told(client: Client, queue: Queue, first: str, last: str) -> None:
    make_history(queue, START, [1])
    answer = client.post(f"/queues/{queue.code}/forecast/", {"first": first, "last": last})
    assert answer.status_code == 422
    assert Job.objects.count() == 0


def test_without_history_the_page_says_what_to_do(client: Client, queue: Queue) -> None:
    text = client.get(f"/queues/{queue.code}/forecast/").content.decode()
    assert "There is no history to forecast from" in text
    assert 'type="date"' not in text


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("version", ["x", "-1"])
def test_nonsense_instead_of_a_version_is_told(client: Client, version: str) -> None:
    assert client.get(f"/queues/calls/forecast/?version={version}").status_code == 400


def test_employees_do_not_see_forecasts(client: Client, queue: Queue) -> None:
    version = make_forecast(queue, START, [1.0])
    client.force_login(make_user("employee"))
    assert client.get("/queues/calls/forecast/").status_code == 403
    assert client.get(f"/forecasts/{version.pk}/data/").status_code == 403
    refused = client.post("/queues/calls/forecast/", {"first": "", "last": ""})
    assert (refused.status_code, "Versions" in refused.content.decode()) == (302, False)


def test_the_days_of_the_chart_stand_in_a_table(client: Client, queue: Queue) -> None:
    make_history(queue, START - dt.timedelta(days=1), [10] * DAY_STEPS, step_s=900)
    make_forecast(queue, START, [20.0] * DAY_STEPS)
    days = client.get("/queues/calls/forecast/").context["days"]
    found = {day: (history, forecast) for day, history, forecast, _base in days}
    assert found[dt.date(2027, 1, 31)] == (10 * DAY_STEPS, None)
    assert found[dt.date(2027, 2, 1)] == (None, 20 * DAY_STEPS)
    assert found[dt.date(2027, 2, 3)] == (None, None)


def test_chart_opens_on_the_end_of_history_and_the_first_days_with_contacts(
    client: Client, queue: Queue
) -> None:
    make_history(queue, START - dt.timedelta(days=12), [10] * (10 * DAY_STEPS), step_s=900)
    make_forecast(queue, START, [0.0] * (9 * DAY_STEPS) + [5.0] * (19 * DAY_STEPS))
    span = client.get("/queues/calls/forecast/").context["span"]
    assert (span.first, span.last) == (dt.date(2027, 1, 23), dt.date(2027, 2, 16))


def test_chart_of_a_far_forecast_opens_on_its_first_contacts(client: Client, queue: Queue) -> None:
    make_history(queue, START - dt.timedelta(days=100), [10] * DAY_STEPS, step_s=900)
    make_forecast(queue, START, [0.0] * (3 * DAY_STEPS) + [5.0] * DAY_STEPS)
    span = client.get("/queues/calls/forecast/").context["span"]
    assert (span.first, span.days) == (dt.date(2027, 2, 4), 14)
