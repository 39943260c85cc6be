"""Jobs as people see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import translation

from apps.core import clock
from apps.core.phrases import Phrase
from apps.jobs import services
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import Kind
from apps.jobs.services import repeating
from apps.jobs.services.context import RunningJob
from apps.jobs.services.noting import LOG_LINES
from tests.factories import make_user
from tests.jobs import sample_jobs  # noqa: F401 - registers its kinds

if TYPE_CHECKING:
    from django.test import Client

    from apps.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(client: Client) -> User:
    user = make_user("planner")
    client.force_login(user)
    return user


def _job(owner: User, **facts: object) -> Job:
    title = Phrase.plain("Long work")
    return Job.objects.create(kind="demo.sleep", title=title, queue="bulk", created_by=owner, **facts)


def test_a_running_job_asks_again_and_can_be_stopped(client: Client, planner: User) -> None:
    job = _job(planner, state=JobState.RUNNING, progress=0.42, stage=Phrase.plain("Breaks"))
    part = client.get(f"/jobs/{job.pk}/progress/")
    text = part.content.decode()
    assert 'hx-trigger="every 2s"' in text
    assert 'value="0.4200"' in text
    assert "HX-Trigger" not in part
    stopped = client.post(f"/jobs/{job.pk}/stop/", headers={"hx-request": "true"})
    assert stopped.status_code == 200
    job.refresh_from_db()
    assert job.cancel_requested


def test_a_finished_job_asks_no_more_and_tells_the_page(client: Client, planner: User) -> None:
    job = _job(planner, state=JobState.FAILED, reason=Phrase.plain("Nobody is there."))
    part = client.get(f"/jobs/{job.pk}/progress/")
    assert part["HX-Trigger"] == "jobFinished"
    assert "hx-trigger" not in part.content.decode()
    assert "Nobody is there." in part.content.decode()


def test_a_waiting_job_is_stopped_at_once_and_the_page_is_told(client: Client, planner: User) -> None:
    job = _job(planner)
    stopped = client.post(f"/jobs/{job.pk}/stop/", headers={"hx-request": "true"})
    assert stopped["HX-Trigger"] == "jobFinished"
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_stopping_a_finished_job_is_refused_with_words(client: Client, planner: User) -> None:
    job = _job(planner, state=JobState.SUCCEEDED)
    answer = client.post(f"/jobs/{job.pk}/stop/", headers={"hx-request": "true"})
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("text/plain")


def test_list_by_state_and_page_of_a_job(client: Client, planner: User) -> None:
    done = _job(planner, state=JobState.SUCCEEDED, result={"variant": 7}, log=["one"], result_url="/x/")
    _job(planner, state=JobState.FAILED)
    assert len(client.get("/jobs/").context["jobs"]) == 2
    assert list(client.get("/jobs/?state=succeeded").context["jobs"]) == [done]
    page = client.get(f"/jobs/{done.pk}/").content.decode()
    assert 'href="/x/"' in page
    assert "<code>variant</code>" in page


def test_planners_see_and_stop_the_jobs_of_each_other(client: Client, planner: User) -> None:
    job = _job(planner)
    client.force_login(make_user("planner"))
    assert client.get(f"/jobs/{job.pk}/progress/").status_code == 200
    client.post(f"/jobs/{job.pk}/stop/")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_jobs_of_others_do_not_exist_for_an_employee(client: Client, planner: User) -> None:
    job = _job(planner)
    client.force_login(make_user("employee"))
    for path in ("", "progress/"):
        assert client.get(f"/jobs/{job.pk}/{path}").status_code == 404
    assert client.post(f"/jobs/{job.pk}/stop/").status_code == 404


def test_a_worker_that_is_silent_is_told_instead_of_a_promise(client: Client, planner: User) -> None:
    begun = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    told = {"started_at": begun, "progress_at": begun + dt.timedelta(seconds=60), "progress": 0.25}
    job = _job(planner, state=JobState.RUNNING, heartbeat_at=begun + dt.timedelta(seconds=62), **told)
    address = f"/jobs/{job.pk}/progress/?part=whole"
    with time_machine.travel(begun + dt.timedelta(seconds=65), tick=False), translation.override("en"):
        assert "about 3 min left" in client.get(address, headers={"accept-language": "en"}).content.decode()
    with time_machine.travel(begun + dt.timedelta(seconds=82), tick=False), translation.override("en"):
        silent = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "no sign of life for 20 s" in silent
    assert " left" not in silent


def test_the_page_tells_what_happened_to_the_first_attempt(client: Client, planner: User) -> None:
    job = services.start(
        "tests.add", params={"a": 1, "b": 1}, actor=planner, title=Phrase.plain("A sum"), queue="bulk"
    )
    stages = [{"stage": Phrase.plain("Solving").as_json(), "began_at": clock.now().isoformat(), "attempt": 1}]
    silent = clock.now() - dt.timedelta(seconds=34)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, attempts=1, heartbeat_at=silent, stages=stages, language="en"
    )
    services.sweep()
    services.run(job.pk)
    job.refresh_from_db()
    assert [(str(row.stage), row.attempt, row.is_broken_off) for row in job.passed_stages] == [
        ("Solving", 1, True),
        ("adding", 2, False),
    ]
    assert [line.split(" ", 1)[1] for line in job.log] == [
        "The worker is lost: no sign of life for 34 s.",
        "Given to another worker: attempt 2.",
        "two numbers",
    ]
    page = client.get(f"/jobs/{job.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "attempt 1" in page
    assert "broken off" in page
    assert client.get(f"/api/v1/jobs/{job.pk}/").json()["attempts"] == 2


def test_the_log_names_who_stopped_it_and_who_started_it_again(
    client: Client, planner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(job: Job, actor: User) -> Job:
        return services.start(job.kind, params={}, actor=actor, title=job.title, queue="bulk")

    monkeypatch.setattr(repeating, "find_kind", lambda _kind: Kind(lambda _context: None, "x", again))
    with translation.override("en"):
        job = services.start("tests.add", params={}, actor=planner, title=Phrase.plain("x"), queue="bulk")
    client.post(f"/jobs/{job.pk}/stop/")
    client.post(f"/jobs/{job.pk}/repeat/")
    job.refresh_from_db()
    name = planner.get_username()
    assert [line.split(" ", 1)[1] for line in job.log] == [
        f"Stopped by {name}.",
        f"Started again by {name}, as another job.",
    ]
    assert name in job.repeats.get().log[0]


def test_what_the_system_and_the_worker_note_at_once_is_kept(planner: User) -> None:
    job = _job(planner, state=JobState.RUNNING, attempts=1, language="en")
    with RunningJob(Job.objects.get(pk=job.pk)) as running:
        running.log("one")
        services.cancel(job.pk, actor=planner)
        for number in range(LOG_LINES - 2):
            running.log(f"line {number}")
        job.refresh_from_db()
        assert [line.split(" ", 1)[1] for line in job.log[:3]] == [
            "one",
            f"Asked to stop by {planner.get_username()}.",
            "line 0",
        ]
        running.log("last")
    job.refresh_from_db()
    assert len(job.log) == LOG_LINES
    assert job.log[-1].endswith(" last")
    assert "Asked to stop" in job.log[0]
