"""The history of a queue on the pages, and sending a file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.demand.models import ImportBatch, IntervalHistory
from apps.jobs.models import Job
from apps.jobs.services import run_now
from tests.factories import make_history, make_queue, make_user

if TYPE_CHECKING:
    from django.test import Client

    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
GOOD = "interval_start,calls\n2026-10-05 09:00,12\n2026-10-05 09:15,14\n"
HALF = "interval_start,calls\n2026-10-05 09:00,12\n2026-10-05 09:15,many\n2026-10-05 09:30,15\n"


@pytest.fixture
def queue(client: Client) -> Queue:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    return make_queue(code="calls")


def _send(client: Client, text: str, **fields: object) -> str:
    file = SimpleUploadedFile("october.csv", text.encode())
    answer = client.post("/queues/calls/history/import/", {"file": file, "source": "ACD", **fields})
    assert answer.status_code == 302, answer.content[:500]
    return str(answer["Location"])


def _report(client: Client, text: str, **fields: object) -> Any:
    """Send a file, let the job run, and give the page that the job's page leads to."""
    waiting = _send(client, text, **fields)
    assert client.get(waiting).status_code == 200
    assert not ImportBatch.objects.exists()
    run_now(Job.objects.get())
    by_script = client.get(waiting, headers={"hx-request": "true"})
    page = client.get(waiting, follow=True)
    assert by_script["HX-Redirect"] == page.request["PATH_INFO"]
    return page


def test_a_dry_run_loads_nothing_and_shows_each_refused_row(client: Client, queue: Queue) -> None:
    page = _report(client, HALF, dry_run="on")
    assert IntervalHistory.objects.filter(queue=queue).count() == 0
    (error,) = page.context["page_obj"].object_list
    assert error.line == 3
    assert "many" in page.content.decode()
    assert "nothing was loaded" in page.content.decode()


def test_good_rows_of_a_half_broken_file_load(client: Client, queue: Queue) -> None:
    page = _report(client, HALF)
    assert IntervalHistory.objects.filter(queue=queue).count() == 2
    batch = page.context["batch"]
    assert (batch.rows_loaded, batch.rows_refused, batch.source) == (2, 1, "ACD")


@pytest.mark.usefixtures("queue")
def test_a_file_of_nonsense_is_refused_with_the_reason(client: Client) -> None:
    page = client.get(_send(client, "\0\0\0"))
    assert "binary" in page.content.decode()
    assert not Job.objects.exists()


def test_what_only_the_job_finds_stands_on_its_page(client: Client, queue: Queue) -> None:
    waiting = _send(client, "2026-10-05 00:00,1\n2026-10-06 00:00,1\n")
    run_now(Job.objects.get())
    page = client.get(waiting)
    assert "86400 s apart" in page.content.decode()
    assert (
        "refused as a whole"
        in client.get(f"/history-imports/{ImportBatch.objects.get().pk}/").content.decode()
    )
    assert IntervalHistory.objects.filter(queue=queue).count() == 0


def test_the_form_without_a_file_says_so(client: Client, queue: Queue) -> None:
    answer = client.post(f"/queues/{queue.code}/history/import/", {"source": "ACD"})
    assert answer.status_code == 422
    assert 'class="errors"' in answer.content.decode()


def test_chart_speaks_the_queues_clock_and_leaves_gaps(client: Client, queue: Queue) -> None:
    make_history(queue, dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC), [5, 7], step_s=900)
    data = client.get("/queues/calls/history/data/?from=2026-10-05&days=1").json()
    values = dict(zip(data["labels"], data["series"][0]["values"], strict=True))
    assert values["05.10 09:00"] == 5
    assert values["05.10 09:15"] == 7
    assert values["05.10 09:30"] is None
    assert "Europe/Moscow" in data["axis"]


def test_days_of_the_page_sum_up(client: Client, queue: Queue) -> None:
    make_history(queue, dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC), [5, 7], step_s=900, aht_s=200)
    page = client.get("/queues/calls/history/?from=2026-10-05&days=1")
    (day,) = page.context["days"]
    assert (day.offered, day.handled, day.aht_s) == (12, 12, 200)


def test_a_day_without_history_has_no_figures(client: Client, queue: Queue) -> None:
    make_history(queue, dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC), [5], step_s=900)
    (day,) = client.get("/queues/calls/history/?from=2026-10-06&days=1").context["days"]
    assert (day.offered, day.handled, day.aht_s) == (None, None, None)


def test_the_sidebar_leads_to_the_last_queue(client: Client, queue: Queue) -> None:
    other = make_queue(code="other")
    assert client.get(f"/queues/{other.code}/history/").status_code == 200
    assert client.get("/history/")["Location"] == "/queues/other/history/"
    assert client.get(f"/history/?queue={queue.code}")["Location"] == "/queues/calls/history/"


def test_without_queues_the_page_says_what_to_do(client: Client) -> None:
    client.force_login(make_user("planner"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "There are no queues yet" in client.get("/history/").content.decode()


def test_nonsense_in_the_address_is_told(client: Client, queue: Queue) -> None:
    make_history(queue, dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC), [5], step_s=900)
    assert client.get("/queues/calls/history/?days=1000").status_code == 400
    assert client.get("/queues/nowhere/history/").status_code == 404


@pytest.mark.parametrize("role", ["employee", ""])
def test_only_planners_see_history(client: Client, queue: Queue, role: str) -> None:
    client.force_login(make_user(role))
    assert client.get(f"/queues/{queue.code}/history/").status_code == 403
    assert client.get(f"/queues/{queue.code}/history/data/").status_code == 403
    assert client.post(f"/queues/{queue.code}/history/import/").status_code == 302
    assert ImportBatch.objects.count() == 0
